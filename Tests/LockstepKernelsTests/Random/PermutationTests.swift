import LockstepKernels
import TestSupport
import Testing

/// The keyed permutation against its definition, number by number.
@Suite struct PermutationTests {
  /// The network in plain words, with the words of the stream as its keys.
  private struct Network {
    let count: UInt64
    let keys: [UInt64]
    let rounds: Int
    /// Sizes of the halves: x = left · b + right.
    let a: UInt64
    let b: UInt64

    init(count: Int, stream: RandomStream) {
      let bits = (0...24).first { 1 << (2 * $0) >= count }!
      self.count = UInt64(count)
      rounds = count > 1024 ? 6 : 24
      b = 1 << UInt64(bits)
      a = (self.count + b - 1) / b
      keys = stream.words(count: 2 * rounds).map(UInt64.init)
    }

    private func hash(_ half: UInt64, _ round: Int) -> UInt64 {
      var x = half
      for (index, multiplier) in [0xCC9E_2D51, 0xD251_1F53 as UInt64].enumerated() {
        let product = (x ^ keys[2 * round + index]) * multiplier
        x = (product ^ (product >> 32)) & 0xFFFF_FFFF
      }
      return x
    }

    func image(of position: Int) -> Int {
      var x = UInt64(position)
      repeat {
        var (left, right) = x.quotientAndRemainder(dividingBy: b)
        for round in stride(from: 0, to: rounds, by: 2) {
          left = (left + ((hash(right, round) * a) >> 32)) % a
          right = (right + hash(left, round + 1)) % b
        }
        x = left * b + right
      } while x >= count
      return Int(x)
    }
  }

  @Test(arguments: [
    1, 2, 3, 5, 16, 17, 63, 64, 1000, 1024, 1025, 4097, 100_003, 1 << 33, KeyedPermutation.maximumCount,
  ])
  func isTheNetwork(count: Int) {
    for seed in testSeeds {
      let stream = RandomKey(seed: seed, purpose: .epochOrder).stream(3)
      let (permutation, network) = (
        KeyedPermutation(count: count, stream: stream), Network(count: count, stream: stream)
      )
      for i in 0..<min(count, 500) {
        let position = count <= 500 ? i : i * (count / 500)
        #expect(permutation[position] == network.image(of: position), "\(position) of \(count), seed \(seed)")
      }
    }
  }
}
