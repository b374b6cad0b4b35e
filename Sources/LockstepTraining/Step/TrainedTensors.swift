import LockstepKernels
import LockstepModel

/// What steps change, whoever makes them: parameters, running statistics, the optimizer's slots, the average.
///
/// `@unchecked Sendable`: `bounds` is the thread's that leads the steps, while no worker is at one.
final class TrainedTensors: @unchecked Sendable {
  let tensors: NetworkTensors
  let optimizerSlots: [Arena]
  /// The moving average of the parameters, if there is one.
  let average: Arena?
  /// How large parameters and slots may be after the last step.
  @exclusivity(unchecked) var bounds = UpdateBounds.unknown

  /// Memory for them, all zero.
  init(of network: Network, slots: Int = 0, isAveraged: Bool = false) {
    let count = network.parameters.count
    tensors = NetworkTensors(of: network)
    optimizerSlots = (0..<slots).map { _ in Arena(count: count) }
    average = isAveraged ? Arena(count: count) : nil
  }
}
