import ArgumentParser
import Lockstep

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Say what is in a checkpoint, or in an exported file.",
    discussion: """
      Examples:

        lockstep inspect runs/a/checkpoints/step-00029310.safetensors.zst
        lockstep inspect runs/a/checkpoints/step-00029310.safetensors.zst --json
        lockstep inspect CHECKPOINT --configuration > config.yaml
        lockstep inspect model.onnx

      Tensors, then what the model's inputs and outputs are: features in order, categories, classes, units, what becomes of gaps. Of a checkpoint every \
      byte is verified; of a .safetensors, .npz or .onnx file it is what its header says.
      """)

  @OptionGroup var trained: ModelArgument

  @Flag(name: .long, help: "Print the configuration that it was trained with, and nothing else.")
  var configuration = false

  @Flag(name: .long, help: "Print everything but the numbers as JSON.")
  var json = false

  /// What a file holds, whichever it is.
  private struct Found {
    var header: [String]
    var tensors: [(name: String, shape: [Int], figures: [String])]
    var metadata: [(key: String, text: String)]
    /// What has been found out, under the metadata.
    var conclusions: [(String, String)] = []

    func text(_ key: String) -> String? { metadata.first { $0.key.utf8.elementsEqual(key.utf8) }?.text }
    var preprocessing: (text: String, value: Preprocessing)? {
      text(Preprocessing.key).flatMap { text in Preprocessing(text).map { (text, $0) } }
    }
  }

  func run() throws {
    let checkpoint = try trained.path()
    let found = try ExportedFile(reading: checkpoint).map(Self.found) ?? Self.found(TrainingRun.inspect(checkpoint))
    if configuration {
      guard let text = found.text("configuration") else {
        throw RunError.input("\(checkpoint): found no configuration in it, expected a checkpoint")
      }
      return try Terminal.output(text.trimmingLineEnd)
    }
    try Terminal.output(json ? JSONValue.object(description(found)).prettyText : text(found))
  }

  private static func found(_ summary: CheckpointSummary) -> Found {
    Found(
      header: ["rms", "min", "max"],
      tensors: summary.tensors.map { found in
        let figures = [found.rootMeanSquare, Double(found.range.min), Double(found.range.max)]
        return (found.tensor.name, found.tensor.shape, figures.map { Format.significant($0) })
      },
      metadata: summary.metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
      conclusions: [
        ("numbers", Format.count(summary.tensors.reduce(0) { $0 + $1.tensor.count })),
        ("weights_digest", "\(summary.weightsDigest) (recomputed: it is that of the bytes)"),
      ])
  }

  private static func found(_ file: ExportedFile) -> Found {
    Found(
      header: ["type"], tensors: file.tensors.map { ($0.name, $0.shape, [$0.dtype]) }, metadata: file.metadata)
  }

  private func text(_ found: Found) -> String {
    let columns = Terminal.tableColumns
    let rows = found.tensors.map { tensor in
      [Display.whole(tensor.name), tensor.shape.map(String.init).joined(separator: " × ")] + tensor.figures
    }
    var parts = [
      Table.text(["tensor", "shape"] + found.header, rows, right: Set(2..<2 + found.header.count), columns: columns)
    ]
    if let preprocessing = found.preprocessing {
      parts.append(PreprocessingText.of(preprocessing.value, columns: columns))
    }
    // The long ones have flags, or words, of their own.
    let hidden =
      ["configuration", "run_state"] + (found.preprocessing == nil ? [] : [Preprocessing.key])
      + found.conclusions.map(\.0)
    let shown = found.metadata.filter { entry in !hidden.contains { $0.utf8.elementsEqual(entry.key.utf8) } }
    let pairs = shown.map { (Display.whole($0.key), Display.whole($0.text)) }
    if !(pairs + found.conclusions).isEmpty { parts.append(Table.pairs(pairs + found.conclusions, columns: columns)) }
    return parts.joined(separator: "\n\n")
  }

  private func description(_ found: Found) -> JSONObject {
    var metadata = JSONObject()
    for (key, text) in found.metadata { metadata.append(key, .string(text)) }
    var json: JSONObject = ["metadata": .object(metadata)]
    if let text = found.preprocessing?.text, let value = try? JSONValue(parsing: text) { json["preprocessing"] = value }
    json["tensors"] = .array(
      found.tensors.map { ["name": .string($0.name), "shape": .array($0.shape.map { .integer($0) })] })
    return json
  }
}
