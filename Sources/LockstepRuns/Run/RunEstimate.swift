import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepTraining

/// What a run will need, worked out without training.
public struct RunEstimate: Sendable {
  /// The parameters' tensors in the order of the layers.
  public var tensors: [TensorInfo]
  /// The layers in the order of the forward pass, those of a repeat as often as it says; where a skip is added, the
  /// residual.
  package var layers: [PlacedLayer]
  /// Number of elements of all `tensors` together.
  public var parameters: Int
  /// How many of them are trained: not those of frozen layers.
  public var trainedParameters: Int
  /// Steps of the whole run.
  public var steps: Int
  /// Steps of one pass over the training samples.
  public var stepsPerEpoch: Int
  /// Samples that the run trains on, each counted as often as it is drawn.
  public var samples: Int
  /// Bytes by purpose: parameters, gradients, optimizer, activations, the copy that checkpoints are written from.
  public var memory: [(purpose: String, bytes: Int)]
  /// Bytes for all purposes together.
  public var memoryTotal: Int { memory.reduce(0) { $0 + $1.bytes } }
  /// The most disk that the checkpoints take.
  public var disk: DiskEstimate
  /// Floating-point operations of a step's matrix products.
  public var productOperationsPerStep: Double
  /// How the files of the data were read; empty for synthetic data.
  public var data: [String]
  /// Sentences about settings that work but are hardly meant so.
  public var warnings: [String]

  /// Checks `configuration`, opens its data, and adds up what a run of it takes.
  ///
  /// - Throws: `RunError.input` where the configuration cannot work.
  public init(_ configuration: RunConfiguration) throws(RunError) {
    try self.init(RunSetup(configuration))
  }

  package init(_ setup: RunSetup) throws(RunError) {
    let configuration = setup.configuration
    let network = try configuration.network()
    try asInput { () throws(TrainingError) in try configuration.loss.check(network, on: setup.train) }
    try configuration.weights?.check(against: network)
    let sampler = try setup.sampler()
    tensors = network.parameters.entries.map { TensorInfo($0.name, shape: $0.shape.dimensions) }
    layers = try asInput { () throws(ModelError) in
      var layers: [PlacedLayer] = []
      try configuration.model.walk { (step) throws(ModelError) in
        switch step {
        case .layer(let layer), .sum(let layer): layers.append(layer)
        case .branch, .projection: break
        }
      }
      return layers
    }
    parameters = network.parameters.elements
    trainedParameters = network.parameters.trainedElements
    steps = configuration.totalSteps
    stepsPerEpoch = configuration.stepsPerEpoch
    samples = sampler.samplesSeen(before: steps)
    let need = setup.memory(running: network)
    memory = need.parts
    disk = DiskEstimate(configuration, network)
    // A multiply-add is two operations.
    productOperationsPerStep = network.products.reduce(0) {
      $0 + 2 * $1.multiplyAdds * Double(sampler.rows(of: 0))
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

  private mutating func addWarnings(_ configuration: RunConfiguration) {
    let training = configuration.training
    warnings += configuration.data.summary?.warnings ?? []
    warnings += configuration.warnings
    warnings += configuration.advice().map(\.warning)
    if case .count(let count) = training.threads { warnings += ThreadNotes.of(training.threads, workers: count) }
    warnings += training.precision.note.map { [$0] } ?? []
  }

  /// The figures as `lockstep check --json` prints them.
  public var json: JSONObject {
    [
      "parameters": .integer(parameters), "trained_parameters": .integer(trainedParameters), "steps": .integer(steps),
      "steps_per_epoch": .integer(stepsPerEpoch),
      "samples": .integer(samples), "memory_bytes": .integer(memoryTotal),
      "checkpoint_bytes": .integer(disk.checkpointBytes),
      "disk_bytes": .integer(disk.bytes), "product_operations_per_step": .number(productOperationsPerStep),
      "data": .array(data.map { .string($0) }), "warnings": .array(warnings.map { .string($0) }),
    ]
  }
}
