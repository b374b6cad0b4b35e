import LockstepFormats

extension Preprocessing {
  /// What checkpoints call it.
  package static let key = "preprocessing"
  /// More text than this is not written: a safetensors header holds 16 MiB.
  static let longestText = 8 << 20

  /// As a checkpoint holds it; reads back to an equal value, bit for bit. Columns of an array that are taken as they
  /// are, are only counted; those of an image stand there once a channel.
  package var json: JSONObject {
    var json: JSONObject = [
      "samples": .integer(samples), "standardize": .bool(isStandardized),
      "missing": .string(fillsMissing ? "mean" : "error"),
    ]
    // What earlier versions did not know is written where it is so: what they have written keeps its fingerprint.
    if hasMeans, !isStandardized, !fillsMissing { json["means"] = true }
    if ignoresUnknown { json["unknown"] = .string("ignore") }
    if isPrecise { json["precision"] = .string("float64") }
    if needsPreciseInputs { json["inputs"] = .string("float64") }
    if let image { json["image"] = .object(image.json) }
    json["columns"] = columnsJSON
    switch targets {
    case .classes(let names): json["classes"] = .array(names.map { .string($0) })
    case .labels(let count): json["labels"] = .integer(count)
    case .numbers(let count): json["targets"] = .integer(count)
    }
    if !targetScales.isEmpty {
      json["target_scales"] = .array(
        targetScales.map { .object(["mean": .number($0.mean), "deviation": .number($0.deviation)]) })
    }
    if !targetNames.isEmpty { json["target_names"] = .array(targetNames.map { .string($0) }) }
    return json
  }

  private var columnsJSON: JSONValue {
    let plain = Column(encoding: .number(mean: 0, deviation: 1))
    if columns.allSatisfy({ $0 == plain }) { return .integer(columns.count) }
    func list(_ columns: some Collection<Column>) -> JSONValue { .array(columns.map { .object($0.json) }) }
    // Those of a table have names of their own.
    if let channels = image?.channels, columns.indices.allSatisfy({ columns[$0] == columns[$0 % channels] }) {
      return .object(["channels": list(columns.prefix(channels))])
    }
    return list(columns)
  }

  /// - Returns: nil where the text is none.
  package init?(_ text: String) {
    guard let json = (try? JSONValue(parsing: text))?.object, let samples = json["samples"]?.integer,
      let isStandardized = json["standardize"]?.bool, let missing = json["missing"]?.string
    else { return nil }
    var image: ImageLayout?
    if let written = json["image"] {
      image = written.object.flatMap(ImageLayout.init(json:))
      if image == nil { return nil }
    }
    guard let columns = json["columns"].flatMap({ Self.columns($0, image) }) else { return nil }
    let targets: Targets
    if let classes = json["classes"]?.array?.map(\.string) {
      guard classes.allSatisfy({ $0 != nil }) else { return nil }
      targets = .classes(classes.compactMap { $0 })
    } else if let count = json["labels"]?.integer {
      guard count > 0 else { return nil }
      targets = .labels(count)
    } else {
      guard let count = json["targets"]?.integer, count > 0 else { return nil }
      targets = .numbers(count)
    }
    var scales: [Scale] = []
    for value in json["target_scales"]?.array ?? [] {
      guard let scale = value.object.flatMap(Scale.init(json:)) else { return nil }
      scales.append(scale)
    }
    if case .numbers(let count) = targets {
      guard scales.isEmpty || scales.count == count else { return nil }
    } else {
      guard scales.isEmpty else { return nil }
    }
    self.init(
      columns: columns, image: image, targets: targets,
      targetNames: json["target_names"]?.array?.compactMap(\.string) ?? [],
      targetScales: scales, isStandardized: isStandardized,
      hasMeans: isStandardized || missing == "mean" || json["means"]?.bool == true, fillsMissing: missing == "mean",
      ignoresUnknown: json["unknown"]?.string == "ignore",
      needsPreciseInputs: json["inputs"]?.string == "float64", samples: samples)
    roundsFirst = isStandardized && json["precision"]?.string != "float64"
  }
}

extension Preprocessing {
  /// More inputs than this no model has.
  private static let mostColumns = 1 << 24

  private static func columns(_ json: JSONValue, _ image: ImageLayout?) -> [Column]? {
    let columns: [Column]?
    switch json {
    case .integer(let count) where count > 0 && count <= mostColumns:
      columns = Array(repeating: Column(encoding: .number(mean: 0, deviation: 1)), count: count)
    case .array(let values): columns = list(values)
    case .object(let object):
      guard let image, image.count <= mostColumns, let channels = object["channels"]?.array.flatMap(list),
        channels.count == image.channels
      else { return nil }
      columns = (0..<image.count).map { channels[$0 % channels.count] }
    default: return nil
    }
    guard let columns, let image else { return columns }
    return columns.count == image.count && !columns.contains(where: \.isCategory) ? columns : nil
  }

  private static func list(_ values: [JSONValue]) -> [Column]? {
    let columns = values.compactMap { $0.object.flatMap(Column.init(json:)) }
    return columns.count == values.count ? columns : nil
  }
}

extension ImageLayout {
  fileprivate var json: JSONObject {
    var json: JSONObject = ["height": .integer(height), "width": .integer(width), "channels": .integer(channels)]
    if order != .channelsLast { json["order"] = .string(order.rawValue) }
    return json
  }

  fileprivate init?(json: JSONObject) {
    let sizes = ["height", "width", "channels"].compactMap { json[$0]?.integer }
    guard sizes.count == 3, sizes.allSatisfy({ (1...Self.mostOfASize).contains($0) }) else { return nil }
    var order = Order.channelsLast
    if let written = json["order"] {
      guard let known = written.string.flatMap(Order.init) else { return nil }
      order = known
    }
    self.init(height: sizes[0], width: sizes[1], channels: sizes[2], order: order)
  }
}

extension Preprocessing.Column {
  fileprivate var json: JSONObject {
    var json = JSONObject()
    if let name { json["name"] = .string(name) }
    switch encoding {
    case .number(let mean, let deviation): (json["mean"], json["deviation"]) = (.number(mean), .number(deviation))
    case .category(let names): json["categories"] = .array(names.map { .string($0) })
    }
    return json
  }

  fileprivate init?(json: JSONObject) {
    name = json["name"]?.string
    if let names = json["categories"]?.array {
      encoding = .category(names.compactMap(\.string))
      guard categories?.count == names.count, !names.isEmpty else { return nil }
    } else {
      guard let scale = Preprocessing.Scale(json: json) else { return nil }
      encoding = .number(mean: scale.mean, deviation: scale.deviation)
    }
  }
}

extension Preprocessing.Scale {
  fileprivate init?(json: JSONObject) {
    guard let mean = json["mean"]?.number, let deviation = json["deviation"]?.number, mean.isFinite, deviation > 0,
      deviation.isFinite
    else { return nil }
    self.init(mean: mean, deviation: deviation)
  }
}
