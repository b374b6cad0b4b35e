import Lockstep

/// A network and its data as people read them, before a run and from `check`.
enum ModelText {
  // MARK: The network

  /// A row a layer; layers that come again and again are shown once.
  static func network(_ estimate: RunEstimate, columns: Int?) -> String {
    let layers = estimate.layers.map { layer in
      Layer(
        path: layer.path, kind: layer.layer.word, output: layer.output.description,
        parameters: layer.parameters.reduce(0) { $0 + $1.shape.count })
    }
    let input = estimate.layers.first?.input.description ?? ""
    let rows =
      [["input", input, ""]] + folded(layers[...]) + [["total", "", Format.count(estimate.parameters)]]
      + (estimate.trainedParameters == estimate.parameters
        ? [] : [["of them trained", "", Format.count(estimate.trainedParameters)]])
    return Table.text(["layer", "output", "parameters"], rows, right: [1, 2], columns: columns)
  }

  /// A row a layer, every one, with the operations of its products over a sample, forward: two a multiply-add.
  static func layers(_ estimate: RunEstimate, columns: Int?) -> String {
    func count(_ number: Double) -> String { number > 0 ? Format.count(Int(number)) : "" }
    let rows = estimate.layers.map { layer in
      [
        layer.path, layer.output.description,
        count(Double(layer.parameters.reduce(0) { $0 + $1.shape.count })), count(2 * layer.multiplyAdds),
      ]
    }
    let operations = estimate.layers.reduce(0) { $0 + 2 * $1.multiplyAdds }
    return Table.text(
      ["layer", "output", "parameters", "operations"],
      [["input", estimate.layers.first?.input.description ?? "", "", ""]] + rows
        + [["total", "", Format.count(estimate.parameters), count(operations)]], right: [1, 2, 3], columns: columns)
  }

  struct Layer: Equatable {
    var path: String
    var kind: String
    var output: String
    var parameters: Int

    /// Path of the repetition or residual that it is in.
    var repetition: Substring { path.lastIndex(of: ".").map { path[..<$0] } ?? "" }

    /// Whether another is the same at another place.
    func isLike(_ other: Layer) -> Bool {
      kind == other.kind && output == other.output && parameters == other.parameters
    }
  }

  /// Most layers of a block that is found again.
  private static let longestBlock = 64

  /// The rows of a table; where a block of layers comes several times in a row, those of the first and one for all the
  /// others.
  static func folded(_ layers: ArraySlice<Layer>) -> [[String]] {
    var (rows, place): ([[String]], Int) = ([], layers.startIndex)
    while place < layers.endIndex {
      guard let (length, times) = block(layers[place...]), !isBetter(after: place, length, times, layers)
      else {
        let layer = layers[place]
        rows.append([layer.path, layer.output, layer.parameters > 0 ? Format.count(layer.parameters) : ""])
        place += 1
        continue
      }
      let first = layers[place..<place + length]
      rows += folded(first)
      let parameters = (times - 1) * first.reduce(0) { $0 + $1.parameters }
      rows.append([
        times == 2 ? "… once more" : "… \(Format.count(times - 1)) times more", first.last?.output ?? "",
        parameters > 0 ? Format.count(parameters) : "",
      ])
      place += length * times
    }
    return rows
  }

  /// Whether a block that begins a little later, with a repeat as it was written, covers as much as one that begins at
  /// `place` and does not.
  private static func isBetter(after place: Int, _ length: Int, _ times: Int, _ layers: ArraySlice<Layer>) -> Bool {
    func begins(_ index: Int) -> Bool {
      index == layers.startIndex || layers[index].repetition != layers[index - 1].repetition
    }
    if begins(place) { return false }
    return (place + 1..<place + length).contains { later in
      begins(later) && block(layers[later...]).map { $0.length * $0.times >= length * times } ?? false
    }
  }

  /// The block at the beginning of `layers` whose repetitions cover the most; of such the shortest. nil where none
  /// saves a row.
  private static func block(_ layers: ArraySlice<Layer>) -> (length: Int, times: Int)? {
    var best: (length: Int, times: Int)?
    for length in stride(from: 1, through: min(longestBlock, layers.count / 2), by: 1) {
      var end = layers.startIndex + length
      while end < layers.endIndex, layers[end].isLike(layers[end - length]) { end += 1 }
      let times = (end - layers.startIndex) / length
      guard times >= 2, length * (times - 1) >= 2 else { continue }
      if length * times > best.map({ $0.length * $0.times }) ?? 0 { best = (length, times) }
    }
    return best
  }

  // MARK: Data and memory

  static func facts(_ estimate: RunEstimate, _ configuration: RunConfiguration) -> [(String, String)] {
    let memory = estimate.memory.map { "\(Format.bytes($0.bytes)) \($0.purpose)" }.joined(separator: ", ")
    return data(configuration.data) + [("memory", "\(Format.bytes(estimate.memoryTotal)): \(memory)")]
  }

  private static func data(_ data: RunConfiguration.DataSources) -> [(String, String)] {
    var rows = [("data", source(data.train))]
    if let validation = data.validation, validation.file != nil { rows.append(("validation", source(validation))) }
    if let split = data.split { rows.append(("split", Self.split(split, data))) }
    if let summary = data.summary {
      rows += summary.parts.map { ($0.title, $0.text) }
      if data.missing == .mean { rows.append(("missing", "the mean of the column; of a category none")) }
      return rows
    }
    let validation = data.validationSamples
    rows.append(
      (
        "samples",
        Format.count(data.samples) + (validation > 0 ? " to train and \(Format.count(validation)) to validate" : "")
      ))
    rows.append(("inputs", "\(Format.count(data.features)) \(Format.plural(data.features, "number"))"))
    switch data.task {
    case .classification(let classes): rows.append(("target", "\(Format.count(classes)) classes"))
    case .labels(let count): rows.append(("targets", "\(Format.count(count)) labels of 0 or 1"))
    case .regression(let count): rows.append(("target", count == 1 ? "a number" : "\(Format.count(count)) numbers"))
    }
    return rows
  }

  private static func source(_ source: DataSource) -> String {
    switch source {
    case .synthetic(let specification): "synthetic, \(specification.kind.name)"
    case .given: "given by a program"
    case .file(let file):
      "\(file.kind), " + file.files.prefix(6).map { Display.singleLine(Folder.shown($0.path)) }.joined(separator: ", ")
        + (file.files.count > 6 ? ", … (\(file.files.count) files)" : "")
    }
  }

  private static func split(_ split: DataSplit, _ data: RunConfiguration.DataSources) -> String {
    let hasClasses = if case .classes? = data.preprocessing?.targets { true } else { false }
    let part =
      switch split.part {
      case .share(let share): "\(Format.exact(share * 100)) % to validate"
      case .fold(let index, let count): "fold \(index) of \(count) to validate"
      }
    let rule =
      switch split.rule {
      case .automatic: hasClasses ? "by class unless one is too rare" : "at random"
      case .random: "at random"
      case .stratified: "by class"
      case .grouped: "whole groups"
      case .last: "the last"
      }
    return "\(part), \(rule)\(split.rule == .last ? "" : ", seed \(split.seed)")"
  }
}
