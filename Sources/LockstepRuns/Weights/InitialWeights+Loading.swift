import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepTraining

extension InitialWeights {
  /// The tensor of the model that a tensor of the file is copied to.
  private struct Target {
    let entry: ParameterLayout.Entry
    let arrangement: TensorArrangement
    let values: Vector?

    /// Whether the file may have it in this shape: that of its layout, or, where elements lie alike, that of
    /// checkpoints.
    func takes(_ shape: [Int], _ layout: TensorLayout) -> Bool {
      shape == arrangement.shape || layout == .keras && shape == entry.shape.dimensions
    }
  }

  /// All tensors of the model.
  ///
  /// - Parameter values: where a tensor of that name is held.
  private func targets(
    _ network: Network, _ values: (String) -> Vector?
  ) throws(WeightsFile.Problem) -> [Target] {
    let images: FlattenedImages
    do throws(ModelError) {
      images = try FlattenedImages(of: network.model)
      if layout == .torch, let conflict = images.conflict { throw conflict }
    } catch { throw WeightsFile.Problem("\(error)") }
    return (network.parameters.entries + network.runningStatistics.entries).map { entry in
      Target(
        entry: entry, arrangement: layout.arrangement(of: entry.shape, entry.role, images[entry.layer]),
        values: values(entry.name))
    }
  }

  /// Copies the file's tensors to where `trainer` holds its own. Names and shapes are compared first: if any differs,
  /// nothing is changed.
  ///
  /// - Parameter targets: what the run standardises its targets by; empty where it does not. An export whose last layer
  ///   gives targets in the units of the files is brought to these.
  /// - Returns: SHA-256 of the file's tensors.
  /// - Throws: `RunError.input`, naming every tensor that is missing, extra or misshapen, or holds what is no finite
  ///   number.
  func load(into trainer: Trainer, targets: [Preprocessing.Scale]) throws(RunError) -> String {
    let values = Dictionary(trainer.tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var isInUnits = false
    let digest = try reading { file throws(WeightsFile.Problem) in
      isInUnits = file.header.metadata[TensorLayout.unitsKey] == TensorLayout.unitsInLastLayer
      let targets = try match(
        file.header.entries, self.targets(trainer.network) { values["model.\($0)"]?.values })
      return try file.read { tensor, first, numbers throws(WeightsFile.Problem) in
        guard let target = targets[tensor.name], let values = target.values else { return }
        if let bad = numbers.firstIndex(where: { !$0.isFinite }) {
          throw WeightsFile.Problem(
            "tensor \(JSONValue.quoted(tensor.name)) holds \(numbers[bad]) at element \(first + bad), expected numbers that are finite in float32"
          )
        }
        for (offset, number) in numbers.enumerated() { values[target.arrangement.index(first + offset)] = number }
      }
    }
    if isInUnits { standardize(lastLayerOf: trainer, targets) }
    trainer.restartAverage()
    return digest
  }

  /// Changes a last layer that gives targets in their units so that it gives them standardised: for each column
  /// W ← W / d, b ← (b − m) / d.
  private func standardize(lastLayerOf trainer: Trainer, _ targets: [Preprocessing.Scale]) {
    let tensors = Array(zip(trainer.network.parameters.entries, trainer.parameters))
    guard !targets.isEmpty, let weight = tensors.last(where: { $0.0.role == .weight })?.1,
      let bias = tensors.last(where: { $0.0.role == .bias })?.1, bias.values.count == targets.count
    else { return }
    for index in 0..<weight.values.count {
      weight.values[index] = Float(Double(weight.values[index]) / targets[index % targets.count].deviation)
    }
    for (index, scale) in targets.enumerated() {
      bias.values[index] = Float((Double(bias.values[index]) - scale.mean) / scale.deviation)
    }
  }

  /// Compares names and shapes alone.
  ///
  /// - Throws: as `load`.
  func check(against network: Network) throws(RunError) {
    try reading { file throws(WeightsFile.Problem) in
      _ = try match(file.header.entries, targets(network) { _ in nil })
    }
  }

  private func reading<Result>(
    _ body: (borrowing WeightsFile) throws(WeightsFile.Problem) -> Result
  ) throws(RunError) -> Result {
    do throws(WeightsFile.Problem) { return try body(WeightsFile(path)) } catch {
      throw .input("\(path): cannot start from these weights: \(error.text)")
    }
  }

  /// Which tensor of the file is which of the model.
  private func match(
    _ found: [SafetensorsHeader.Entry], _ targets: [Target]
  ) throws(WeightsFile.Problem) -> [String: Target] {
    let byName = Dictionary(targets.map { ($0.entry.name, $0) }, uniquingKeysWith: { first, _ in first })
    let byLayout = Dictionary(
      targets.flatMap { target in layout.names(of: target.entry).map { ($0, target) } },
      uniquingKeysWith: { first, _ in first })
    var problems = mapProblems(Set(found.map(\.tensor.name)), byName)
    var matched: [String: Target] = [:]
    var sources: [String: String] = [:]
    for entry in found where !isLeftAside(entry.tensor.name) {
      let tensor = entry.tensor
      let quoted = JSONValue.quoted(tensor.name)
      guard let target = map[tensor.name].map({ byName[$0 ?? ""] }) ?? byLayout[tensor.name] else {
        // What `map` names in vain has been reported.
        if map[tensor.name] == nil {
          problems.append(
            "tensor \(quoted) of shape \(tensor.shape) is not part of the model; map it, or map it to null")
        }
        continue
      }
      if !target.takes(tensor.shape, layout) {
        problems.append(
          "tensor \(quoted) has shape \(tensor.shape), and \(target.entry.name) needs \(target.arrangement.shape)")
      } else if entry.type?.isFloat != true {
        problems.append("tensor \(quoted) has elements \(tensor.dtype), expected F32, F64, F16 or BF16")
      }
      if let other = sources.updateValue(quoted, forKey: target.entry.name) {
        problems.append("tensors \(other) and \(quoted) are both \(target.entry.name)")
      }
      matched[tensor.name] = target
    }
    for target in targets where sources[target.entry.name] == nil && !mayBeMissing(target.entry) {
      let name = layout.name(of: target.entry.role, layer: target.entry.layer)
      problems.append(
        "\(target.entry.name) is missing: there is no tensor \(JSONValue.quoted(name)); map another to it, or allow it by missing: [\(target.entry.name)]"
      )
    }
    if !problems.isEmpty { throw WeightsFile.Problem(CheckpointError.list(problems)) }
    return matched
  }

  /// A sentence for each name in `map` and `missing` that the file, or the model, does not have.
  private func mapProblems(_ found: Set<String>, _ targets: [String: Target]) -> [String] {
    var problems: [String] = []
    for (theirs, ours) in map.sorted(by: { $0.key < $1.key }) {
      if !found.contains(theirs) {
        problems.append("map speaks of \(JSONValue.quoted(theirs)), and there is no such tensor")
      }
      if let ours, targets[ours] == nil {
        let hint = NearestName.hint(for: ours, among: Array(targets.keys).sorted()).map { " (\($0))" } ?? ""
        problems.append("map speaks of \(ours), and the model has no such tensor\(hint)")
      }
    }
    for name in missing where !targets.values.contains(where: { $0.entry.isCalled(name) }) {
      problems.append("missing speaks of \(name), and the model has no such tensor or layer")
    }
    return problems
  }

  /// PyTorch's BatchNorm counts its batches, which Lockstep's has no use for; what is done to the data first follows
  /// from the data of this run.
  private func isLeftAside(_ name: String) -> Bool {
    if let ours = map[name] { return ours == nil }
    if [TensorLayout.standardization.mean, TensorLayout.standardization.deviation].contains(name) { return true }
    return layout == .torch && name.hasSuffix(".num_batches_tracked")
  }

  private func mayBeMissing(_ entry: ParameterLayout.Entry) -> Bool { missing.contains { entry.isCalled($0) } }
}

extension ParameterLayout.Entry {
  /// Whether `name` is the tensor's own, or that of a layer it is in.
  fileprivate func isCalled(_ name: String) -> Bool { self.name == name || self.name.hasPrefix("\(name).") }
}
