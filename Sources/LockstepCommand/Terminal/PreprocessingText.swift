import Lockstep

/// What a model's inputs and outputs are, as people read it.
enum PreprocessingText {
  /// More features than this are not shown one by one.
  private static let mostFeatures = 40
  private static let mostNames = 8

  /// - Parameter columns: of the terminal; nil for none.
  static func of(_ preprocessing: Preprocessing, columns: Int? = nil) -> String {
    [features(preprocessing, columns), Table.pairs(rules(preprocessing), columns: columns)].joined(separator: "\n\n")
  }

  private static func features(_ preprocessing: Preprocessing, _ width: Int?) -> String {
    // Of an image what is done to one position is done to all.
    let columns = preprocessing.columns.prefix(preprocessing.image?.channels ?? preprocessing.columns.count)
    var rows: [[String]] = []
    for (index, column) in columns.prefix(mostFeatures).enumerated() {
      let name = column.name.map { Terminal.printable($0) } ?? "–"
      switch column.encoding {
      case .number(let mean, let deviation):
        let spread = preprocessing.isStandardized ? " ± \(Format.significant(deviation, 6))" : ""
        rows.append(["\(index)", name, "number", preprocessing.hasMeans ? Format.significant(mean, 6) + spread : "–"])
      case .category(let names): rows.append(["\(index)", name, "category", list(names)])
      }
    }
    if columns.count > mostFeatures {
      rows.append(["…", "\(Format.count(columns.count - mostFeatures)) more", "", "--json has all"])
    }
    let held = preprocessing.isStandardized ? "mean ± deviation" : "mean"
    let title = preprocessing.image == nil ? "feature" : "channel"
    return Table.text(["", title, "kind", "\(held), or categories"], rows, right: [0], columns: width)
  }

  private static func rules(_ preprocessing: Preprocessing) -> [(String, String)] {
    var rows = targets(preprocessing)
    let image = preprocessing.image == nil ? "" : "\(preprocessing.shape.phrase), "
    let inputs =
      "\(image)\(Format.count(preprocessing.features)), \(preprocessing.needsPreciseInputs ? "float64" : "float32")"
    rows += [
      ("inputs", inputs), ("standardize", preprocessing.isStandardized ? "true" : "false"),
      ("missing", preprocessing.fillsMissing ? "mean" : "error"),
      ("unknown", preprocessing.ignoresUnknown ? "ignore" : "error"),
      ("samples", "\(Format.count(preprocessing.samples)), trained on"),
    ]
    return rows
  }

  private static func targets(_ preprocessing: Preprocessing) -> [(String, String)] {
    let named = preprocessing.targetNames
    switch preprocessing.targets {
    case .classes(let names):
      return [("target", list(named, counting: false)), ("classes", list(names))].filter { $0.1 != "" }
    case .labels(let count): return [("labels", named.isEmpty ? "\(count)" : list(named))]
    case .numbers(let count):
      let scales = preprocessing.targetScales.map { scale in
        "\(Format.significant(scale.mean, 6)) ± \(Format.significant(scale.deviation, 6))"
      }
      return (0..<min(count, mostFeatures)).map { index in
        (
          index == 0 ? "targets" : "",
          (index < named.count ? Terminal.printable(named[index]) : "\(index)")
            + (index < scales.count ? ", standardised: \(scales[index])" : "")
        )
      } + (count > mostFeatures ? [("", "\(Format.count(count - mostFeatures)) more")] : [])
    }
  }

  /// How many, and the first of them.
  private static func list(_ names: [String], counting: Bool = true) -> String {
    let shown = names.prefix(mostNames).map { Terminal.printable($0) }.joined(separator: ", ")
    return (counting ? "\(Format.count(names.count)): " : "") + shown + (names.count > mostNames ? ", …" : "")
  }
}
