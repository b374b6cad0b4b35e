import LockstepModel

extension Network {
  /// Names and shapes of everything that `Trainer.tensors` holds, in its order, known before any memory is taken.
  ///
  /// - Parameters:
  ///   - slots: those of the optimizer.
  ///   - isAveraged: whether there is an average of the weights.
  package func tensors(slots: [String], isAveraged: Bool = false) -> [(name: String, shape: [Int])] {
    func tensors(_ layout: ParameterLayout, _ prefix: String) -> [(name: String, shape: [Int])] {
      layout.entries.map { (prefix + $0.name, $0.shape.dimensions) }
    }
    return tensors(parameters, "model.") + tensors(runningStatistics, "model.")
      + slots.flatMap { tensors(parameters, "optimizer.\($0).") }
      + (isAveraged ? tensors(parameters, TrainerTensor.averagePrefix) : [])
  }
}
