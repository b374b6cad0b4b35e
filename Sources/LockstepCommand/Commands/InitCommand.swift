import ArgumentParser
import Lockstep

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Write a first configuration for data in files.",
    discussion: """
      Examples:

        lockstep init iris.csv
        lockstep init houses.csv --target price --output houses.yaml
        lockstep init x.npy --target y.npy
        lockstep init train-images-idx3-ubyte.gz
        lockstep init flowers

      Shows what the columns hold and what becomes of each, and writes a configuration with comments that trains as it is. lockstep train DATA does both.
      """)

  @Argument(
    help:
      "The data: a table (.csv, .tsv, .txt), .npy, .npz, .safetensors or images as MNIST's, packed or not; or a folder of pictures (.png, .jpg), a subfolder a class.",
    completion: .file())
  var data: String

  @OptionGroup var proposal: ProposalOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The configuration to write, - to print it. (default: <name of the data>.yaml)", valueName: "file"),
    completion: .configuration)
  var output: String?

  @Flag(name: .long, help: "Write although such a file is there.")
  var overwrite = false

  func validate() throws { try requirePath(data, "the data") }

  func run() throws {
    let folder = output.map { $0 == "-" ? "." : Folder.parent(of: $0) } ?? "."
    let proposed = try proposal.proposal(of: data, in: folder)
    let yaml = SchemaFile.line + proposed.yaml
    if output == "-" { return try Terminal.output(yaml.trimmingLineEnd) }
    let path = output ?? "\(proposed.name).yaml"
    if !overwrite, (try? Folder.item(at: path)) != .missing {
      throw RunError.input("\(path): found a file already, expected none (--output FILE, or --overwrite)")
    }
    try requireWritable(path, "--output")
    try Terminal.output(ProposalText.of(proposed, columns: Terminal.tableColumns))
    try ResultFile.write(yaml, to: path)
    try Terminal.output("\nwrote \(path); go on with: lockstep train \(path)")
  }
}

/// What is learned of a file of data.
struct ProposalOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "The column to be learned, by name or number; beside .npy and images the file of the targets. Of pictures the subfolders are learned. (default: the one that looks like it)",
      valueName: "target"))
  var target: String?

  @Option(name: .long, help: ArgumentHelp("classification or regression. (default: what the target looks like)"))
  var task: Proposal.Task?

  /// On a terminal it is asked which column is to be learned, where that has not been said.
  func proposal(of path: String, in folder: String = ".") throws -> Proposal {
    let survey = try DataSurvey(file: path, target: target)
    return try survey.proposal(target: target ?? survey.targets.flatMap(Self.ask), task: task, in: folder)
  }

  /// - Returns: nil where there is nobody to answer.
  private static func ask(_ targets: (names: [String], likely: String)) -> String? {
    guard Terminal.canAsk, targets.names.count > 1 else { return nil }
    let shown = targets.names.prefix(20).map { Display.plain($0) }.joined(separator: ", ")
    Terminal.error("columns: \(shown)\(targets.names.count > 20 ? ", …" : "")")
    while true {
      Terminal.progress("which one is to be learned? [\(Display.plain(targets.likely))] ")
      guard let answer = readLine(), !answer.isEmpty else { return targets.likely }
      if targets.names.contains(answer) { return answer }
      let hint = NearestName.hint(for: answer, among: targets.names).map { "; \($0)" } ?? ""
      Terminal.error("there is no column \(Display.quoted(answer)) that could be\(hint)")
    }
  }
}

extension Proposal.Task: ExpressibleByArgument {}
