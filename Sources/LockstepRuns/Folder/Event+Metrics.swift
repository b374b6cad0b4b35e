import LockstepFormats
import LockstepKernels
import LockstepTraining

extension Event {
  /// A record for each number of a line of training or validation figures, tagged `epoch_loss`, `epoch_accuracy` as
  /// Keras does, and for validation once more `evaluation_loss_vs_iterations`; of a line about the layers, tagged
  /// `gradient_norm/dense0`. Other lines give none.
  static func records(of line: MetricsLine) throws(FileError) -> [UInt8] {
    var records: [UInt8] = []
    func add(_ tag: String, _ value: JSONValue) throws(FileError) {
      guard let number = value.number else { return }
      records += try scalar(tag, Float(number), at: line.step)
    }
    switch line.event {
    case "train", "validation":
      for member in line.values.members where member.name != "step" {
        try add(member.name == "epoch" ? "epoch" : "epoch_\(member.name)", member.value)
        if line.event == "validation" { try add("evaluation_\(member.name)_vs_iterations", member.value) }
      }
    case "layers":
      for case .object(let layer) in line.values["layers"]?.array ?? [] {
        for member in layer.members { try add("\(member.name)/\(layer["name"]?.string ?? "")", member.value) }
      }
    default: break
    }
    return records
  }

  /// A histogram of a tensor.
  static func record(of tensor: Tensor, _ kind: String, at step: Int) throws(FileError) -> [UInt8] {
    try histogram("\(kind)/\(tensor.name)", ValueHistogram(of: tensor.values), at: step)
  }
}
