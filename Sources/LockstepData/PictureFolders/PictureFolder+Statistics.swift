import LockstepFormats
import Synchronization

extension PictureFolder {
  /// How often each byte occurs in each channel of the pictures that count, by channel: 256 numbers each. Every picture
  /// is decoded once, on all cores. The numbers are whole, so the order in which pictures are met does not matter.
  func byteCounts(
    _ reader: PictureReader, channels: Int, where isTaken: (Int) -> Bool
  ) throws(DataFileError) -> [[UInt64]] {
    let counts = Mutex([UInt64](repeating: 0, count: channels * 256))
    try read((0..<count).filter(isTaken), with: reader) { reader, index throws(DataFileError) in
      try reader.read(file(of: index))
      let own = reader.picture.byteCounts()
      counts.withLock { all in for place in all.indices { all[place] += own[place] } }
    }
    let all = counts.withLock { $0 }
    return (0..<channels).map { Array(all[$0 * 256..<($0 + 1) * 256]) }
  }
}
