import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepModel
import LockstepRuns
import LockstepStudies
import LockstepTraining

extension ModelCard {
  /// The card of an attested run.
  ///
  /// - Parameter path: of the statement's file.
  package init(_ attestation: Attestation, statement path: String) {
    let content = Content(attestation: attestation, statement: path)
    title = attestation.run.configuration.name
    sections = [
      Section(title: "Model details", blocks: [.facts(content.details)]),
      Section(title: "Training data", blocks: [.facts(content.data(.train))]),
      Section(title: "Evaluation data", blocks: content.evaluationData),
      Section(title: "Metrics", blocks: content.metrics),
      Section(title: "Arithmetic", blocks: content.arithmetic),
      Section(title: "How to reproduce", blocks: content.reproduction),
      Section(title: "Caveats", blocks: content.caveats),
    ]
    runs = content.runs
  }
}

/// What an attested run tells, section by section.
private struct Content {
  typealias Piece = ModelCard.Piece
  typealias Fact = (name: String, line: [Piece])

  let attestation: Attestation
  /// The statement's file.
  let statement: String

  private var run: RunRecord { attestation.run }
  private var configuration: RunConfiguration { attestation.setup.configuration }
  private var model: String { attestation.weightsDigest }
  private func figure(_ text: String) -> Piece { .figure(text, of: model) }
  private func count(_ value: Int) -> Piece { figure(Format.count(value)) }

  // MARK: The model

  var details: [Fact] {
    let training = configuration.training
    var facts: [Fact] = [("name", [.text(configuration.name)])]
    if let date = run.summary?["finished_on"]?.string { facts.append(("finished on", [.code(date)])) }
    facts.append(("made by", [.text("Lockstep "), .code(attestation.model.version ?? "unknown")]))
    facts.append(("layers", [count(configuration.layers.count), .text(" as the configuration writes them")]))
    if let parameters = run.summary?["parameters"]?.integer { facts.append(("parameters", [count(parameters)])) }
    facts.append(("inputs", [count(configuration.data.features), .text(" a sample")]))
    facts.append(("outputs", outputs))
    facts.append(("loss", [.code(configuration.loss.name)]))
    facts.append(("optimizer", [.code(configuration.optimizer.name)]))
    facts.append(
      (
        "training",
        [
          count(attestation.model.step), .text(" steps of "), count(training.batchSize), .text(" samples in "),
          count(training.shards), .text(" shards, seed "), figure("\(configuration.seed)"),
        ]
      ))
    if let origin = attestation.model.origin {
      facts.append(
        (
          "forked from",
          [
            .code(origin.run ?? origin.checkpoint), .text(" at step "),
            .figure(Format.count(origin.step), of: origin.weightsDigest),
          ]
        ))
    }
    return facts
  }

  private var outputs: [Piece] {
    let names = configuration.data.classNames
    switch configuration.data.task {
    case .classification(let classes):
      let named: [Piece] = [.text(": "), .code(names.joined(separator: ", "))]
      return [count(classes), .text(" classes")] + (configuration.data.preprocessing == nil ? [] : named)
    case .labels(let labels): return [count(labels), .text(" labels")]
    case .regression(let targets): return [count(targets), .text(" \(Format.plural(targets, "number"))")]
    }
  }

  // MARK: The data

  enum Part { case train, validation }

  func data(_ part: Part) -> [Fact] {
    let set = part == .train ? attestation.setup.train : attestation.setup.validation
    let source = part == .train ? configuration.data.train : configuration.data.validation
    guard let set else { return [] }
    var facts: [Fact] = [("samples", [count(set.count)])]
    switch source {
    case .synthetic(let specification): facts.append(("generator", [.code(specification.kind.name)]))
    case .file(let source):
      for file in source.files {
        var line: [Piece] = [.code(file.path)]
        if let digest = attestation.statement.sha256(of: file.path) { line += [.text(", SHA-256 "), .code(digest)] }
        facts.append(("file", line))
      }
    case .given: facts.append(("source", [.text("given by the program that trained it")]))
    case nil: facts.append(("source", [.text("held back from the files of the training data")]))
    }
    return facts + [("fingerprint", [.code(set.fingerprint)])]
  }

  var evaluationData: [ModelCard.Block] {
    let facts = data(.validation)
    return facts.isEmpty
      ? [.paragraph([.text("None: the run had no validation data, so nothing is known of samples it has not seen.")])]
      : [.facts(facts)]
  }

  // MARK: Figures

  var metrics: [ModelCard.Block] {
    var blocks: [ModelCard.Block] = []
    if let last = run.evaluations.last {
      let rows = last.metrics.members.compactMap { member -> [[Piece]]? in
        guard member.name != "event", member.name != "step", let value = member.value.number else { return nil }
        return [[.text(member.name)], [figure(Format.significant(value))], interval(member.name, value)]
      }
      blocks.append(.paragraph([.text("On the evaluation data after step "), count(last.step), .text(".")]))
      blocks.append(.table(["metric", "value", "interval"], rows))
      if rows.contains(where: { !$0[2].isEmpty }) {
        blocks.append(
          .paragraph([
            .text(
              "Of many such intervals nineteen in twenty hold the share that is right of all samples of this kind (Wilson)."
            )
          ]))
      }
    }
    var facts: [Fact] = []
    if let best = run.best {
      facts.append(
        (
          "best \(best.metric)",
          [figure(Format.significant(best.value)), .text(" after step "), count(best.step)]
        ))
    }
    if let loss = run.summary?["final_loss"]?.number {
      facts.append(("training loss", [figure(Format.significant(loss)), .text(" over the last interval")]))
    }
    if let skipped = run.summary?["skipped_steps"]?.integer, skipped > 0 {
      facts.append(("steps passed over", [count(skipped), .text(", as numbers were not finite")]))
    }
    return blocks + (facts.isEmpty ? [] : [.facts(facts)])
  }

  /// Of a share of samples; nothing of any other metric.
  private func interval(_ metric: String, _ value: Double) -> [Piece] {
    guard case .classification = configuration.data.task, metric == Metric.accuracy.rawValue,
      let count = attestation.setup.validation?.count, count > 0, (0...1).contains(value)
    else { return [] }
    let interval = WilsonInterval.of(value, count: count)
    return [
      figure(Format.significant(interval.lowerBound)), .text(" to "), figure(Format.significant(interval.upperBound)),
    ]
  }

  // MARK: The same bits

  var arithmetic: [ModelCard.Block] {
    var facts: [Fact] = [("weights digest", [.code(model)])]
    if let arithmetic = attestation.model.arithmetic {
      facts.append(("fingerprint", [.code(arithmetic.digest)]))
      facts.append(("computed by", [.code(arithmetic.instructionSet)]))
    }
    return [
      .paragraph([
        .text(
          "The trained bits follow from configuration, data, seed, shards and version; not from the number of threads or ranks, from timing, or from where the run was stopped."
        )
      ]),
      .facts(facts),
    ]
  }

  var reproduction: [ModelCard.Block] {
    func command(_ words: String...) -> ModelCard.Block { .commands([Shell.command(["lockstep"] + words)]) }
    let folder = Shell.path(run.path)
    return [
      .paragraph([.text("To train it again and compare every bit, and every digest of the statement:")]),
      command("verify", folder, "--attestation", Shell.path(statement)),
      .paragraph([.text("To train it from the beginning, which ends with the weights digest above:")]),
      command("train", "\(folder)/config.yaml", "--output", "again"),
    ]
  }

  var caveats: [ModelCard.Block] {
    let unknown =
      "A run does not know what its model is meant for, of whom its data tells, under which licence it may be used, and what harm it may do: intended use, factors and ethical considerations are for its publisher to say."
    return [.paragraph([.text(unknown)])] + attestation.notes.map { .paragraph([figure($0)]) }
  }

  // MARK: Whose numbers they are

  var runs: [ModelCard.Run] {
    var runs = [
      ModelCard.Run(
        digest: model,
        facts: [
          ("weights digest", [.code(model)]), ("folder", [.code(run.path)]),
          ("checkpoint", [.code(Folder.lastName(of: attestation.model.path))]),
          ("statement", [.code(statement), .text(", SHA-256 "), .code(attestation.statement.digest)]),
        ])
    ]
    if let origin = attestation.model.origin, origin.weightsDigest != model {
      runs.append(
        ModelCard.Run(
          digest: origin.weightsDigest,
          facts: [
            ("weights digest", [.code(origin.weightsDigest)]), ("folder", [.code(origin.run ?? "unknown")]),
            ("checkpoint", [.code(origin.checkpoint)]),
          ]))
    }
    return runs
  }
}
