import LockstepKernels
import LockstepModel
import LockstepTraining

/// What a run will need, worked out without training.
public struct RunEstimate: Sendable {
  /// One line of the network: a tensor, its shape and its elements.
  public struct Tensor: Sendable, Equatable {
    public var name: String
    public var shape: [Int]
    public var elements: Int
  }

  public var tensors: [Tensor]
  public var parameters: Int
  public var steps: Int
  public var stepsPerEpoch: Int
  public var samples: Int
  /// Bytes by purpose: parameters, gradients, optimizer, activations, the copy that checkpoints are written from.
  public var memory: [(purpose: String, bytes: Int)]
  public var memoryTotal: Int { memory.reduce(0) { $0 + $1.bytes } }
  /// Most bytes of a checkpoint, and of all that are kept at the same time, the one being written included.
  public var checkpointBytes: Int
  public var diskBytes: Int
  /// Floating-point operations of a step's matrix products.
  public var productOperationsPerStep: Double
  /// How the files of the data were read; empty for synthetic data.
  public var data: [String]
  /// What would work but should be looked at.
  public var warnings: [String]

  public init(_ configuration: RunConfiguration) throws(RunError) {
    let configuration = try asInput { () throws(ConfigurationErrors) in try configuration.prepared() }
    let network = try asInput { () throws(ModelError) in try Network(configuration.model, seed: configuration.seed) }
    try configuration.weights?.check(against: network)
    let data = try RunData(configuration)
    let sampler = try asInput { () throws(DatasetError) in try configuration.sampler() }
    let training = configuration.training
    let slots = configuration.slotsBesideParameters
    let float = MemoryLayout<Float>.stride
    tensors = network.parameters.entries.map { Tensor(name: $0.name, shape: $0.shape, elements: $0.count) }
    parameters = network.parameters.elements
    steps = configuration.totalSteps
    stepsPerEpoch = configuration.stepsPerEpoch
    samples = sampler.samplesSeen(before: steps)
    let need = configuration.memory(running: network, on: data.train)
    memory = need.parts
    checkpointBytes =
      (network.parameters.elements * (1 + slots) + network.runningStatistics.elements) * float
      + Self.headerBytes(configuration, tensors: network.parameters.entries.count * (1 + slots))
    diskBytes = checkpointBytes * Self.checkpointsAtOnce(configuration)
    productOperationsPerStep = network.parameters.entries.filter { $0.role == .weight }.enumerated().reduce(0) {
      sum, weight in
      // Forward, weight gradient, and (but for the first layer) input gradient, two operations each.
      sum + 2 * Double(weight.element.count) * Double(training.batchSize) * (weight.offset == 0 ? 2 : 3)
    }
    self.data = configuration.data.summary?.lines ?? []
    warnings = []
    addWarnings(configuration)
    do throws(TrainingError) {
      try need.check()
      if need.total > MachineMemory.bytes {
        warnings.append("the run may take more memory than this machine has, \(MachineMemory.bytes >> 20) MiB")
      }
    } catch {
      warnings.append("on this machine train will refuse: \(error)")
    }
  }

  /// Most bytes that a checkpoint takes beside the numbers: names, shapes and places of its tensors, its texts, zstd's
  /// frame.
  private static func headerBytes(_ configuration: RunConfiguration, tensors: Int) -> Int {
    let preprocessing = configuration.data.preprocessing.map { JSONValue.object($0.json).text.utf8.count } ?? 0
    return (configuration.resolvedYAML.utf8.count + preprocessing) * 5 / 4 + tensors * 160 + 4096
  }

  /// Most checkpoints that stand in the folder at the same time, the one being written included.
  private static func checkpointsAtOnce(_ configuration: RunConfiguration) -> Int {
    let checkpoint = configuration.checkpoint
    var count = checkpoint.keep + 1
    if let every = checkpoint.keepEvery { count += configuration.totalSteps / configuration.steps(in: every) }
    if checkpoint.keepBest != nil { count += 1 }
    // Those to which the run would be taken back, and the best ones of then.
    if case .restore(_, let tries) = configuration.training.onDivergence {
      count += tries * (checkpoint.keepBest == nil ? 1 : 2)
    }
    return count
  }

  private mutating func addWarnings(_ configuration: RunConfiguration) {
    let training = configuration.training
    warnings += configuration.data.summary?.warnings ?? []
    warnings += configuration.advice().map(\.warning)
    let cores = Processor.availableCores
    if case .count = training.threads { warnings += ThreadNotes.of(training.threads, shards: training.shards) }
    if training.shards < cores {
      warnings.append(
        "\(training.shards) shards keep at most \(training.shards) of the \(cores) cores busy: training.shards \(cores) would use all"
      )
    }
    if configuration.evaluation != nil, !configuration.data.hasValidation {
      warnings.append("evaluation is configured, but there is no data.validation to evaluate on")
    }
    if configuration.steps(in: configuration.checkpoint.every) > steps {
      warnings.append("checkpoint.every is longer than the run: only the last step will be saved")
    }
  }

  public var json: JSONObject {
    [
      "parameters": .integer(parameters), "steps": .integer(steps), "steps_per_epoch": .integer(stepsPerEpoch),
      "samples": .integer(samples), "memory_bytes": .integer(memoryTotal),
      "checkpoint_bytes": .integer(checkpointBytes),
      "disk_bytes": .integer(diskBytes), "product_operations_per_step": .number(productOperationsPerStep),
      "data": .array(data.map { .string($0) }), "warnings": .array(warnings.map { .string($0) }),
    ]
  }
}
