import ArgumentParser
import Lockstep

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Say what is in a checkpoint; verifies every byte.",
    discussion: """
      Examples:

        lockstep inspect runs/a/checkpoints/step-00001173.safetensors.zst
        lockstep inspect runs/a/checkpoints/step-00001173.safetensors.zst --json
        lockstep inspect CHECKPOINT --configuration > config.yaml
      """)

  @Argument(help: "The checkpoint.")
  var checkpoint: String

  @Flag(name: .long, help: "Print the configuration that it was trained with, and nothing else.")
  var configuration = false

  @Flag(name: .long, help: "Print everything but the numbers as JSON.")
  var json = false

  func run() throws {
    try requireCheckpoint(checkpoint)
    let found = try TrainingRun.inspect(checkpoint)
    if configuration {
      guard let text = found.metadata["configuration"] else {
        throw RunError.input("\(checkpoint): the checkpoint holds no configuration")
      }
      return try Terminal.output(text.trimmingLineEnd)
    }
    if json { return try Terminal.output(JSONValue.object(description(found)).prettyText) }
    let rows = found.tensors.map { tensor in
      [
        Display.whole(tensor.name), tensor.shape.map(String.init).joined(separator: " × "),
        Format.significant(tensor.rootMeanSquare),
        Format.significant(Double(tensor.range.min)), Format.significant(Double(tensor.range.max)),
      ]
    }
    try Terminal.output(Table.text(["tensor", "shape", "rms", "min", "max"], rows, right: [2, 3, 4]) + "\n")
    // The long ones have flags of their own.
    let texts = found.metadata.filter {
      !["configuration", "run_state", "weights_digest", "preprocessing"].contains($0.key)
    }
    try Terminal.output(
      Table.pairs(
        texts.sorted { $0.key < $1.key }.map { (Display.whole($0.key), Display.whole($0.value)) } + [
          ("numbers", Format.count(found.tensors.reduce(0) { $0 + $1.count })),
          ("weights_digest", "\(found.weightsDigest) (recomputed: it is that of the bytes)"),
        ]))
  }

  private func description(_ found: CheckpointSummary) -> JSONObject {
    var metadata = JSONObject()
    for (key, value) in found.metadata.sorted(by: { $0.key < $1.key }) { metadata.append(key, .string(value)) }
    return [
      "metadata": .object(metadata),
      "tensors": .array(
        found.tensors.map { ["name": .string($0.name), "shape": .array($0.shape.map { .integer($0) })] }),
    ]
  }
}
