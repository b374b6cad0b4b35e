import LockstepModel

extension Network {
  /// Names and shapes of everything that `Trainer.tensors` holds, in its order, known before any memory is taken.
  ///
  /// - Parameter slots: those of the optimizer.
  package func tensors(slots: [String]) -> [(name: String, shape: [Int])] {
    func tensors(_ layout: ParameterLayout, _ prefix: String) -> [(name: String, shape: [Int])] {
      layout.entries.map { (prefix + $0.name, $0.shape) }
    }
    return tensors(parameters, "model.") + tensors(runningStatistics, "model.")
      + slots.flatMap { tensors(parameters, "optimizer.\($0).") }
  }
}
