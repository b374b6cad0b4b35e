import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepRuns
import LockstepTraining

extension ONNXGraph {
  /// Adds what is done to features before the layers, in double precision, as Lockstep computes it: a mean far from 0
  /// takes no digits.
  ///
  /// ```
  /// x ← NaN ? fill : x        x ← (x − mean) / deviation
  /// ```
  /// Images get their channels first, as the layers have them.
  ///
  /// - Returns: the name of the value, float32 again.
  mutating func prepare(_ around: Surroundings) -> String {
    let value = prepareNumbers(around)
    guard case .image = around.input else { return value }
    return append("Transpose", [value], into: "features.channels_first", ["perm": .integers([0, 3, 1, 2])])
  }

  private mutating func prepareNumbers(_ around: Surroundings) -> String {
    if around.standardization == nil, around.fill == nil, !around.isPrecise { return Self.features }
    var value = Self.features
    if !around.isPrecise { value = append("Cast", [value], into: "features.double", ["to": .integer(Self.double)]) }
    if let fill = around.fill {
      add(around.tensor("features.fill", fill, .keras))
      let isMissing = append("IsNaN", [value], into: "features.is_missing")
      value = append("Where", [isMissing, "features.fill", value], into: "features.filled")
    }
    if around.standardization != nil {
      for tensor in around.tensors(.keras) { add(tensor) }
      value = append("Sub", [value, TensorLayout.standardization.mean], into: "features.centred")
      value = append("Div", [value, TensorLayout.standardization.deviation], into: "features.scaled")
    }
    return append("Cast", [value], into: "features.prepared", ["to": .integer(Self.float)])
  }

  /// Adds what brings standardised targets back to their units, in double precision: y ← y · deviation + mean.
  mutating func restoreUnits(of value: String, _ around: Surroundings, into output: String) {
    for tensor in around.targetTensors() { add(tensor) }
    let double = append("Cast", [value], into: "targets.double", ["to": .integer(Self.double)])
    let scaled = append("Mul", [double, TensorLayout.targets.deviation], into: "targets.scaled")
    let moved = append("Add", [scaled, TensorLayout.targets.mean], into: "targets.moved")
    append("Cast", [moved], into: output, ["to": .integer(Self.float)])
  }
}
