import LockstepFormats

extension Decode {
  /// The keys of a model that say which file its initial weights are in.
  static func weights(_ fields: inout Fields) -> InitialWeights? {
    let file = fields.optional("weights", "a safetensors file that the run starts from")
    let layout = fields.optional(
      "layout", "how its tensors are called and lie", default: .text(InitialWeights.defaultLayout.rawValue))
    let map = fields.optional(
      "map", "what it calls otherwise: its names with Lockstep's, or null for what is left aside")
    let missing = fields.optional("missing", "tensors or layers that it need not have")
    guard let file else {
      for field in [layout, map, missing].compactMap(\.self) {
        field.report(expected: "it only beside weights, the file that it speaks of")
      }
      return nil
    }
    if fields.has("initialization") {
      file.report(InitialWeights.besideInitialization)
    }
    let path = file.text("the path of a safetensors file")
    let weights = InitialWeights(
      path: Folder.absolute(path ?? "", in: file.folder), layout: layout?.word() ?? InitialWeights.defaultLayout,
      map: map.map(names) ?? [:], missing: missing.map(texts) ?? [])
    if path?.isEmpty == true { file.report(found: "an empty path", expected: "the path of a safetensors file") }
    return path == nil ? nil : weights
  }

  /// Names of the file's tensors with Lockstep's names for them, nil for tensors that are left aside.
  private static func names(_ field: Field) -> [String: String?] {
    let expected = "names in the file with Lockstep's, such as {encoder.0.weight: dense0.weight}"
    var names: [String: String?] = [:]
    for (theirs, field) in field.entries(expected) {
      if names[theirs] != nil {
        field.report(
          found: "a name that Unicode takes for the same as another",
          expected: "names that differ in more than code points")
      }
      names[theirs] = field.orNothing { $0.text("a tensor of the model, such as dense0.weight, or null") }
    }
    return names
  }

  private static func texts(_ field: Field) -> [String] {
    (field.list("a list of tensors or layers, such as [dense2]") ?? []).compactMap {
      $0.text("a tensor or a layer of the model, such as dense2.weight")
    }
  }
}

extension Field {
  /// What `read` makes of it, or `.some(nil)` where nothing stands there.
  fileprivate func orNothing<Value>(_ read: (Field) -> Value?) -> Value?? {
    if let schema {
      schema.note(["type": "null"])
    } else if node.content == .nothing {
      return .some(nil)
    }
    return read(self).map { .some($0) }
  }

  /// The folder that a relative path in this value starts from: that of the file it stands in, or the working one of a
  /// command line.
  fileprivate var folder: String { node.isOverride ? "." : Folder.parent(of: location.source) }

  /// The keys of a mapping that may be any, and their values.
  func entries(_ expected: String) -> [(key: String, field: Field)] {
    if let schema {
      let inner = schema.inner()
      schema.note(["type": "object", "additionalProperties": .object(inner.json())])
      return [("", inner.field)]
    }
    guard case .mapping(let entries) = node.content else {
      report(expected: expected)
      return []
    }
    return entries.map {
      ($0.key, Field(node: $0.value, path: Path.child(Display.plain($0.key), of: path), diagnostics: diagnostics))
    }
  }
}
