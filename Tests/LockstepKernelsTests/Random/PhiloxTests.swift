import LockstepKernels
import TestSupport
import Testing

@Suite struct PhiloxTests {
  let memory = TestMemory()

  /// Known answers of philox4x32-10, from the file `kat_vectors` of Random123 (Salmon et al. 2011).
  static let knownAnswers: [(counter: [UInt32], key: [UInt32], words: [UInt32])] = [
    ([0, 0, 0, 0], [0, 0], [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8]),
    (
      [UInt32](repeating: .max, count: 4), [.max, .max], [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD]
    ),
    (
      [0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344], [0xA409_3822, 0x299F_31D0],
      [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1]
    ),
  ]

  @Test(arguments: knownAnswers.indices) func publishedVectors(_ number: Int) {
    let (counter, key, words) = Self.knownAnswers[number]
    #expect(philox4x32(counter: counter, key: key) == words)
    #expect(Reference.philox4x32(counter: counter, key: key) == words)
  }

  @Test(arguments: [0, 1, 2, 7, 8, 9, 31, 32, 33, 63, 64, 65, 100, 257, 784, 10_007]) func wordsOfAStream(_ count: Int)
  {
    let key = RandomKey(seed: 0x1234_5678_9ABC_DEF0, purpose: .features, index: 3)
    let expected = (0..<count).map {
      Reference.word($0, key: [key.words.0, key.words.1], counter: [5, 0xFFFF_FFFE, 0xABCD])
    }
    #expect(key.stream(0xABCD_FFFF_FFFE, row: 5).words(count: count) == expected)
  }

  @Test(arguments: [0, 1, 31, 32, 33, 64, 100, 784, 20_011]) func numbersMatchTheReference(_ count: Int) {
    for seed in testSeeds {
      let key = RandomKey(seed: seed, purpose: .features)
      let words = [key.words.0, key.words.1]
      let stream = key.stream(77, row: 2)
      let uniform = memory.vector(count: count, misalignment: 1)
      stream.uniform(into: uniform)
      let exact = (0..<count).map { Reference.uniform($0, key: words, counter: [2, 77, 0]) }
      #expect(uniform.array.doubles == exact, "uniform, seed \(seed)")
      let normal = memory.vector(count: count, misalignment: 1)
      stream.normal(into: normal)
      let expected = (0..<count).map { Reference.normal($0, key: words, counter: [2, 77, 0]) }
      expectClose(actual: normal.array, expected: expected, "normal, seed \(seed)")
    }
  }

  @Test func anElementDoesNotDependOnHowManyAreDrawn() {
    let stream = RandomKey(seed: 9, purpose: .task).stream(1)
    let whole = memory.vector(count: 500)
    stream.normal(into: whole)
    for count in [1, 8, 16, 17, 31, 32, 33, 100, 499] {
      let part = memory.vector(count: count)
      stream.normal(into: part)
      expectSameBits(part.array, Array(whole.array.prefix(count)), "\(count) of 500")
    }
  }

  @Test func keysAndStreamsDiffer() {
    let base = RandomKey(seed: 1, purpose: .dropout, index: 0)
    let others = [
      RandomKey(seed: 2, purpose: .dropout, index: 0), RandomKey(seed: 1 << 32 + 1, purpose: .dropout, index: 0),
      RandomKey(seed: 1, purpose: .alphaDropout, index: 0), RandomKey(seed: 1, purpose: .dropout, index: 1),
      RandomKey(seed: 1, purpose: .dropout, index: 1 << 32),
    ]
    #expect(others.allSatisfy { $0 != base })
    let words = base.stream(0).words(count: 64)
    let streams = others.map { $0.stream(0) } + [base.stream(1), base.stream(1 << 32), base.stream(0, row: 1)]
    #expect(streams.allSatisfy { $0.words(count: 64) != words })
  }
}
