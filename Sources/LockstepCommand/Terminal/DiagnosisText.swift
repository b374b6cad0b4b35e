import Lockstep
import LockstepReport

/// A diagnosis as people read it on a terminal: a line a layer, then the verdict, then what to change.
struct DiagnosisText {
  let columns: Int
  let style: TextStyle

  func of(_ diagnosis: Diagnosis, _ prescription: Prescription, _ checks: [Check], name: String) -> String {
    let scales = (
      signal: LogScale(diagnosis.stages.flatMap { $0.layers.map(\.rms) }),
      gradient: LogScale(diagnosis.stages.flatMap { $0.layers.map(\.gradientRMS) })
    )
    var parts: [String] = []
    for stage in diagnosis.stages {
      let samples = "\(Format.count(stage.rows)) rows in \(stage.batches) \(stage.batches == 1 ? "batch" : "batches")"
      parts.append("\(style.bold("\(name) \(stage.title)")), \(samples)")
      parts.append(table(stage, scales.signal, scales.gradient))
      if stage.layers.contains(where: \.isImage) { parts.append(images(stage)) }
      parts.append(verdict(stage))
    }
    if !checks.isEmpty { parts.append(list(checks)) }
    if !prescription.cures.isEmpty { parts.append(list(prescription)) }
    let title = prescription.cures.isEmpty ? "what to change" : "line by line"
    if !prescription.advice.isEmpty { parts.append(list(prescription.advice, title)) }
    return parts.joined(separator: "\n\n")
  }

  // MARK: The table

  /// A column and how dear it is: where the terminal is narrow, those of the lowest rank are left out first.
  private struct Column {
    var title: String
    var cells: [String]
    var rank: Int
    var isRight = true
    var width: Int { ([title] + cells).map(\.count).max() ?? 0 }
  }

  private func table(_ stage: Diagnosis.Stage, _ signal: LogScale, _ gradient: LogScale) -> String {
    let layers = stage.layers
    func column(_ title: String, rank: Int, _ figure: (Diagnosis.Layer) -> String?) -> Column {
      Column(title: title, cells: layers.map { figure($0) ?? "" }, rank: rank)
    }
    func number(_ value: Double?) -> String? { value.map { Format.significant($0, 3) } }
    func share(_ value: Double?) -> String? { value.map { "\(Format.fixed($0 * 100, 0)) %" } }
    let hasImages = layers.contains(where: \.isImage)
    let isRounded = layers.contains { $0.signalRounding != nil }
    let tellsLosses = isRounded || stage.verdicts.contains(.lostUpdates)
    var shown = [
      Column(title: "layer", cells: layers.map(\.name), rank: 9, isRight: false),
      column("shape", rank: 1) { hasImages ? $0.shape.description : nil },
      column("mean", rank: 1) { number($0.mean) },
      column("spread", rank: 2) { number($0.stddev) },
      column("rank", rank: 1) { number($0.rank) },
      column("flat", rank: 6) { share($0.saturated) },
      column("dead", rank: 6) { share($0.dead) },
      column("signal", rank: 8) { $0.rms.map { Format.significant($0, 3) } ?? "not finite" },
      column("gradient", rank: 7) { number($0.gradientRMS) },
      column("rounding", rank: 5) { number($0.signalRounding) },
      column("back", rank: 0) { number($0.gradientRounding) },
      column("flushed", rank: 0) { ($0.gradientFlushed ?? 0) > 0 ? share($0.gradientFlushed) : nil },
      column("update", rank: 3) { number($0.updateRatio) },
      column("lost", rank: 4) { tellsLosses ? share($0.updateLost) : nil },
      column("hidden", rank: 0) { share($0.updateHidden) },
    ].filter { column in column.cells.contains { $0 != "" } }
    // Two bars of at least six characters, each with a blank before it.
    while shown.reduce(14 - 2, { $0 + $1.width + 2 }) > columns, shown.count > 2,
      let least = shown.indices.min(by: { shown[$0].rank < shown[$1].rank })
    {
      shown.remove(at: least)
    }
    let room = columns - shown.reduce(-2) { $0 + $1.width + 2 } - 2
    let bar = min(18, max(0, room / 2))
    func cells(_ column: Column) -> (title: String, cells: [String]) {
      let padded = column.cells.map { column.isRight ? Format.right($0, column.width) : Format.left($0, column.width) }
      let title = column.isRight ? Format.right(column.title, column.width) : Format.left(column.title, column.width)
      let scale = column.title == "signal" ? signal : column.title == "gradient" ? gradient : nil
      guard let scale, bar > 0 else { return (title, padded) }
      let values = layers.map { column.title == "signal" ? $0.rms : $0.gradientRMS }
      return (
        Format.left("\(title)", column.width + bar + 1),
        zip(padded, values).map { "\($0) \(scale.bar($1, width: bar))" }
      )
    }
    let ready = shown.map(cells)
    let header = trimmed(ready.map(\.title).joined(separator: "  "))
    let rows = layers.indices.map { row in
      let line = trimmed(ready.map { $0.cells[row] }.joined(separator: "  "))
      return isPoint(row, stage) ? line : style.dim(line)
    }
    let rule = ready.map { String(repeating: "─", count: $0.title.count) }.joined(separator: "  ")
    return ([header, rule] + rows).joined(separator: "\n")
  }

  /// Whether growth is measured at the layer's output: those lines are the ones to follow down the page.
  private func isPoint(_ layer: Int, _ stage: Diagnosis.Stage) -> Bool { stage.points.contains { $0.layer == layer } }

  private func trimmed(_ line: String) -> String {
    var line = line
    while line.last == " " { line.removeLast() }
    return line
  }

  /// What the figures of images are of.
  private func images(_ stage: Diagnosis.Stage) -> String {
    var sentences = stage.fieldSentence.map { [$0] } ?? []
    if stage.layers.contains(where: { $0.isImage && $0.dead != nil }) {
      sentences.append("Dead are channels of images that no sample brings above 0 at any position.")
    }
    return sentences.flatMap { wrapped($0, indent: 0) }.joined(separator: "\n")
  }

  // MARK: Verdict and advice

  private func verdict(_ stage: Diagnosis.Stage) -> String {
    let words = stage.verdicts.map(\.words).joined(separator: ", ")
    let colored = stage.findings.isEmpty ? style.green(words) : style.red(words)
    var lines = ["verdict: \(colored)"]
    for sentence in stage.sentences { lines += wrapped(sentence, indent: 2) }
    if let stopped = stage.stopped { lines += wrapped("Training stopped: \(stopped)", indent: 2) }
    return lines.joined(separator: "\n")
  }

  /// Checks, faults first.
  private func list(_ checks: [Check]) -> String {
    let width = (checks.map(\.kind.rawValue.count).max() ?? 0) + 9
    var lines = ["\(style.bold("checks")): \(checks.summary)"]
    for check in checks.telling {
      let word = Format.left(check.judgement.word, 5)
      let colored =
        switch check.judgement {
        case .fault: style.red(word)
        case .noted: style.yellow(word)
        case .passed, .skipped: style.green(word)
        }
      let label = "  \(word)  \(Format.left(check.kind.rawValue, width - 9))  "
      let sentence = wrapped(check.finding, indent: label.count)
      let text = sentence.isEmpty ? [""] : sentence
      lines.append("  \(colored)" + label.dropFirst(2 + word.count) + text[0].dropFirst(label.count))
      lines += text.dropFirst()
      if check.judgement != .passed, check.remedy != "" {
        lines += wrapped("→ \(check.remedy)", indent: label.count)
      }
    }
    return lines.joined(separator: "\n")
  }

  /// Cures with what became of them, and the options that try them.
  private func list(_ prescription: Prescription) -> String {
    var lines = [style.bold("what to change")] + wrapped(prescription.introduction, indent: 2)
    for (number, one) in prescription.cures.enumerated() {
      let name = one.isHealthy ? style.green(one.cure.kind.rawValue) : style.red(one.cure.kind.rawValue)
      let words = wrapped("\(one.cure.kind.rawValue): \(prescription.words(of: number))", indent: 5)
      lines += ["", " \(number + 1).  \(name)" + (words.first ?? "").dropFirst(5 + one.cure.kind.rawValue.count)]
      lines += words.dropFirst()
      if let proof = prescription.sentence(ofProof: number) { lines += wrapped(proof, indent: 5) }
      lines += wrapped(one.cure.rule, indent: 5)
      lines += one.cure.changes.map { "     \(style.bold($0.option))" }
      if !one.cure.source.isEmpty { lines.append("     \(style.dim(one.cure.source))") }
    }
    return lines.joined(separator: "\n")
  }

  private func list(_ advice: [Advice], _ title: String) -> String {
    var lines = [style.bold(title)]
    for (number, one) in advice.enumerated() {
      let text = wrapped("\(one.layer.isEmpty ? "" : "\(one.layer): ")\(one.rule)", indent: 5)
      lines += ["", " \(number + 1). " + (text.first ?? "").dropFirst(4)] + text.dropFirst()
      lines += ["     → \(style.bold(one.change))", "     \(style.dim(one.source))"]
    }
    return lines.joined(separator: "\n")
  }

  private func wrapped(_ text: String, indent: Int) -> [String] {
    Terminal.wrapped(text, indent: indent, columns: columns)
  }
}

/// Bars on a logarithmic scale: full for the largest of all values, empty for what is below the smallest.
struct LogScale {
  private let top: Double
  private let decades: Double

  /// Two decades at least, so that layers that differ little have bars that differ little.
  init(_ values: [Double?]) {
    let logarithms = values.compactMap { $0.flatMap { $0 > 0 && $0.isFinite ? Format.log10($0) : nil } }
    top = logarithms.max() ?? 0
    decades = max(2, top - (logarithms.min() ?? 0) + 0.25)
  }

  /// Blocks in eighths of a character; a dot for 0, nothing for what is no number.
  func bar(_ value: Double?, width: Int) -> String {
    guard let value else { return Format.left("", width) }
    guard value > 0 else { return Format.left("·", width) }
    let share = min(1, max(0, 1 - (top - Format.log10(value)) / decades))
    let eighths = max(1, Int((share * Double(width * 8)).rounded()))
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    return Format.left(String(repeating: "█", count: eighths / 8) + parts[eighths % 8], width)
  }
}
