import ArgumentParser
import Lockstep
import LockstepReport

struct AttestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attest",
    abstract: "State what a model came of, for others to sign and check; and a model card.",
    discussion: """
      Examples:

        lockstep attest runs/a
        lockstep attest runs/a --output a.json --card card.md
        lockstep attest runs/a --card card.html --json
        lockstep verify runs/a --attestation runs/a/attestation.json

      An in-toto statement with SLSA provenance: SHA-256 of the checkpoints in their chain, of the configuration, the data, the logs and this program, and \
      the arithmetic's fingerprint. The same run gives the same statement, byte for byte. The run must have finished, and its data be there. In a model \
      card, Markdown or HTML by the ending of the file, every number carries the digest of the run that made it.
      """)

  @OptionGroup var place: RunArgument

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The statement. (default: attestation.json in the folder)", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var output: String?

  @Option(
    name: .long, help: ArgumentHelp("Also write a model card: .md or .html.", valueName: "file"),
    completion: .file(extensions: ["md", "html"]))
  var card: String?

  @OptionGroup var overrides: Overrides

  @Flag(name: .long, help: "Print the statement.")
  var json = false

  func run() throws {
    if let output { try requireWritable(output, "--output") }
    if let card { try requireWritable(card, "--card") }
    let format = try card.map { try ModelCard.Format(file: $0) }
    let folder = try place.path(for: "attest")
    let output = output ?? "\(folder)/attestation.json"
    let attestation = try Attestation(of: Verification.Plan(folder, overrides: overrides.values()))
    try ResultFile.write(attestation.statement.text, to: output)
    if let card, let format {
      try ResultFile.write(ModelCard(attestation, statement: output).text(as: format), to: card)
    }
    for note in attestation.notes { Terminal.error("note: \(Display.whole(note))") }
    if json { return try Terminal.output(attestation.statement.text.trimmingLineEnd) }
    let count = attestation.checkpoints
    let rows = [
      ("statement", output), ("its SHA-256", attestation.statement.digest),
      ("subject", "\(Format.count(count)) \(Format.plural(count, "checkpoint")) of \(attestation.run.path)"),
      ("weights digest", attestation.weightsDigest),
    ]
    try Terminal.output(Table.pairs(rows + (card.map { [("model card", $0)] } ?? []), columns: Terminal.tableColumns))
  }
}
