import LockstepKernels
import LockstepTraining

extension Dataset {
  /// Samples of each class.
  func classCounts(classes: Int) throws(DatasetError) -> [Int] {
    var counts = [Int](repeating: 0, count: classes)
    let memory = Arena(count: 1024)
    for start in stride(from: 0, to: count, by: 1024) {
      let samples = Array(start..<min(start + 1024, count))
      let targets = memory.matrix(at: 0, rows: samples.count, columns: 1)
      try fillTargets(samples.span, targets)
      for row in 0..<samples.count {
        let label = targets[row, 0]
        guard label >= 0, label < Float(classes) else {
          throw DatasetError("sample \(start + row): found the label \(label), expected one of \(classes) classes")
        }
        counts[Int(label)] += 1
      }
    }
    return counts
  }
}
