import AllocationCounter
import LockstepData
import LockstepKernels
import LockstepModel
import LockstepTraining
import Testing

/// A step allocates nothing on any worker.
///
/// In a debug build the compiler leaves generics as they are, which allocate; the promise is that of the release build.
@Suite(.enabled(if: countsAllocations, "a debug build, a sanitizer or another C library allocates by itself"))
struct AllocationTests {
  /// The counter counts: without this the tests below would prove nothing.
  @Test func counterCounts() {
    let allocations = CountedAllocations()
    lk_allocate_once()
    allocations.begin()
    lk_allocate_once()
    let array = [Int](unsafeUninitializedCapacity: 100) { $1 = $0.count }
    allocations.end()
    lk_allocate_once()
    #expect(allocations.count == 2, "one allocation in C and one of \(array.count) numbers")
    #expect(!allocations.firstCallers.isEmpty)
  }

  @Test(arguments: [1, 2, 4])
  func stepsAllocateNothing(threads: Int) throws {
    for statistics in BatchNorm.Statistics.allCases {
      for (optimizer, clip) in [
        (Optimizer.sgd(learningRate: 0.01, momentum: 0.9), nil),
        (.adam(learningRate: 0.01), GradientClip.globalNorm(1)),
        (.nadam(learningRate: 0.01), .value(0.1)), (.adamax(learningRate: 0.01), nil),
      ] {
        let norm = BatchNorm(statistics: statistics)
        let model = Model(features: 16) {
          Dropout(rate: 0.1)
          Dense(64, bias: false)
          norm
          RReLU()
          Residual {
            Dense(64)
            norm
            PReLU()
            AlphaDropout(rate: 0.1)
          }
          Repeat(times: 2) {
            Dense(64)
            GELU()
          }
          Dense(4)
        }
        try expectNothing(
          "\(statistics), \(optimizer.name), \(threads) threads", model, .softmaxCrossEntropy, optimizer, clip,
          threads)
      }
    }
  }

  @Test(arguments: [Loss.binaryCrossEntropy, .meanSquaredError, .meanAbsoluteError, .huber(delta: 1)])
  func lossesAllocateNothing(_ loss: Loss) throws {
    try expectNothing("\(loss)", Model(features: 16) { Dense(3) }, loss, .rmsprop(learningRate: 0.01), nil, 2)
  }

  /// The copy has its memory after the first.
  @Test func copyingTheGradientAllocatesNothing() throws {
    try expectNothing(
      "a gradient", Model(features: 16) { Dense(3) }, .meanSquaredError, .adam(learningRate: 0.01), .globalNorm(1), 2,
      keepingGradient: true)
  }

  /// A view maps sample numbers on the stack; groups of 64 rows, so shards of more than that too.
  @Test func viewsAllocateNothing() throws {
    for rule in [SplitRule.random, .stratified(classes: (0..<2812).map { $0 % 5 }), .last] {
      try expectNothing(
        "a fold", Model(features: 16) { Dense(3) }, .meanSquaredError, .sgd(learningRate: 0.01), nil, 2, batch: 1200
      ) { try $0.fold(1, of: 3, seed: 1, by: rule).train }
    }
  }

  @Test(arguments: [2, 3, 8])
  func accumulationAllocatesNothing(microBatches: Int) throws {
    let model = Model(features: 16) {
      Dense(64)
      BatchNorm()
      RReLU()
      Dense(4)
    }
    try expectNothing(
      "\(microBatches) micro-batches", model, .softmaxCrossEntropy, .adam(learningRate: 0.01), .globalNorm(1), 2,
      microBatches: microBatches)
  }

  /// Weights of samples, of a fold, and an average of the weights, kept after bounded norms.
  @Test func weightsAndAveragesAllocateNothing() throws {
    try expectNothing(
      "weighted", Model(features: 16) { Dense(3) }, .meanSquaredError, .sgd(learningRate: 0.01), nil, 2,
      average: WeightAverage()
    ) { data in
      try data.weighted(by: (0..<data.count).map { Float($0 % 3) }).fold(1, of: 3, seed: 1).train
    }
  }

  private func expectNothing(
    _ what: String, _ model: Model, _ loss: Loss, _ optimizer: Optimizer, _ clip: GradientClip?, _ threads: Int,
    batch: Int = 64, microBatches: Int = 1, average: WeightAverage? = nil, keepingGradient: Bool = false,
    of view: (any Dataset) throws -> any Dataset = { $0 }
  ) throws {
    let options = Trainer.Options(
      batch: batch, shards: 8, threads: .count(threads), regularization: Regularization(l1: 1e-4, l2: 1e-4, maxNorm: 2),
      clip: clip,
      schedule: .cosine().warmedUp(over: 3), horizon: 1000, accumulate: microBatches, weightAverage: average)
    let trainer = try Trainer(model, loss: loss, optimizer: optimizer, options: options)
    let outputs = trainer.network.outputs
    let task: LearningTask =
      loss == .softmaxCrossEntropy ? .classification(classes: outputs) : .regression(targets: outputs)
    // An uneven last batch: its shards have other shapes.
    let data = CountedData(try view(TestData(samples: 150 * batch / 64, features: 16, task: task)))
    try trainer.attach(data)
    for _ in 0..<6 { try trainer.step(keepingGradient: keepingGradient) }
    data.isCounting = true
    for _ in 0..<12 { try trainer.step(keepingGradient: keepingGradient) }
    data.isCounting = false
    // Each worker stops where it fills its rows.
    try trainer.step()
    #expect(data.allocations.threads == 12 * options.shards, "\(what): every worker is counted")
    #expect(
      data.allocations.count == 0,
      "\(what): \(data.allocations.count) allocations, the first by\n\(data.allocations.firstCallers)")
  }
}

private var countsAllocations: Bool {
  #if DEBUG
    false
  #else
    lk_can_count_allocations() != 0
  #endif
}

/// What the threads that have begun have allocated until they end.
///
/// `@unchecked Sendable`: the counts are atomics in C, and read when all threads have ended.
private final class CountedAllocations: @unchecked Sendable {
  private let counted: UnsafeMutablePointer<lk_allocations>

  init() {
    counted = .allocate(capacity: 1)
    counted.initialize(to: lk_allocations())
  }

  deinit { counted.deallocate() }

  var count: Int { counted.pointee.count }
  var threads: Int { counted.pointee.threads }

  /// For the calling thread.
  func begin() { lk_count_allocations(counted) }
  func end() { lk_count_allocations(nil) }

  /// The code that made the first allocation, innermost first.
  var firstCallers: String {
    let count = Int(counted.pointee.frame_count)
    return withUnsafeBytes(of: counted.pointee.frames) { frames in
      frames.bindMemory(to: UnsafeMutableRawPointer?.self)[..<count].map { frame in
        let text = [CChar](unsafeUninitializedCapacity: 256) { buffer, initialized in
          lk_describe_address(frame, buffer.baseAddress, 256)
          initialized = 256
        }
        return "  " + String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      }.joined(separator: "\n")
    }
  }
}

/// Data whose `fill` begins the count of the worker that calls it: from there until the worker's next `fill` all that
/// it does is counted.
///
/// `@unchecked Sendable`: the flag is written between steps.
private final class CountedData: Dataset, @unchecked Sendable {
  let allocations = CountedAllocations()
  var isCounting = false
  private let base: any Dataset

  init(_ base: any Dataset) { self.base = base }

  var count: Int { base.count }
  var features: Int { base.features }
  var task: LearningTask { base.task }
  var fingerprint: String { base.fingerprint }
  var isWeighted: Bool { base.isWeighted }

  func fillWeights(_ indices: Span<Int>, into weights: Vector) throws(DatasetError) {
    try base.fillWeights(indices, into: weights)
  }

  func fill(_ indices: Span<Int>, features: Matrix, targets: Matrix) throws(DatasetError) {
    allocations.end()
    try base.fill(indices, features: features, targets: targets)
    if isCounting { allocations.begin() }
  }
}
