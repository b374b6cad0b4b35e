import ArgumentParser
import Lockstep

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Say what a configuration will need, without training.",
    discussion: """
      Examples:

        lockstep check configs/large-synthetic.yaml
        lockstep check configs/quickstart.yaml --set training.batch_size=4096
        lockstep check configs/quickstart.yaml --resolved > all-keys.yaml

      Parameters, memory, steps, disk, and what should be looked at before a long run.
      """)

  @Argument(help: "The configuration, a YAML file.", completion: .configuration)
  var config: String

  @OptionGroup var overrides: Overrides

  @Flag(name: .long, help: "List every layer with its operations, and every tensor.")
  var layers = false

  @Flag(name: .long, help: "Print the whole configuration with its defaults written out, and nothing else.")
  var resolved = false

  @Flag(name: .long, help: "Print the figures as JSON.")
  var json = false

  func validate() throws { try requirePath(config, "the configuration") }

  func run() throws {
    let opened = try OpenedConfiguration(file: config, overrides: overrides.values())
    let configuration = opened.configuration
    if resolved { return try Terminal.output(configuration.resolvedYAML.trimmingLineEnd) }
    let estimate = try RunEstimate(RunSetup(opened))
    if json { return try Terminal.output(JSONValue.object(estimate.json).prettyText) }
    if layers { try printTensors(estimate) }
    let columns = Terminal.tableColumns
    let needs = [
      (
        "steps",
        "\(Format.count(estimate.steps)), \(Format.count(estimate.stepsPerEpoch)) an epoch, \(Format.count(estimate.samples)) samples"
      ),
      ("products", "\(Format.significant(estimate.productOperationsPerStep / 1e9, 3)) GFLOP a step"),
      ("disk", "at most \(Format.bytes(estimate.disk.bytes)): \(estimate.disk.summary)"),
    ]
    try Terminal.output(
      [
        Terminal.outputStyle.bold(configuration.name),
        layers ? ModelText.layers(estimate, columns: columns) : ModelText.network(estimate, columns: columns),
        Table.pairs(ModelText.facts(estimate, configuration) + needs, columns: columns),
      ].joined(separator: "\n\n"))
    for warning in estimate.warnings { Terminal.warning(warning) }
  }

  private func printTensors(_ estimate: RunEstimate) throws {
    let rows = estimate.tensors.map { tensor in
      [tensor.name, tensor.shape.map(String.init).joined(separator: " × "), Format.count(tensor.count)]
    }
    try Terminal.output(
      Table.text(["tensor", "shape", "elements"], rows, right: [2], columns: Terminal.tableColumns) + "\n")
  }
}
