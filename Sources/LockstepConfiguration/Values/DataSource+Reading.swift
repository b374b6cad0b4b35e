extension DataSource {
  /// Reads a data source from YAML, as it stands under `data:` in a configuration.
  ///
  /// - Parameters:
  ///   - label: what messages call the text, such as `--data`.
  ///   - defaultSplit: the stream of samples where the text names none.
  package init(yaml: String, label: String, defaultSplit: String) throws(ConfigurationErrors) {
    let text = try ConfigurationText(Array(yaml.utf8), file: label)
    let diagnostics = Diagnostics()
    var parser = ConfigurationParser(file: label, diagnostics: diagnostics)
    let tree = parser.parse(text)
    try diagnostics.throwIfAny()
    let source = tree.flatMap {
      Decode.source(Field(node: $0, path: "data", diagnostics: diagnostics), split: defaultSplit, folder: ".")
    }
    try diagnostics.throwIfAny()
    guard let source else {
      throw ConfigurationErrors(
        ConfigurationError(
          at: ConfigurationLocation(source: label), path: "data", found: "nothing",
          expected: "a data source such as {synthetic: {…}}"))
    }
    self = source
  }
}
