extension RunConfiguration {
  /// Reads a configuration file.
  ///
  /// - Parameters:
  ///   - path: a YAML file (or JSON, which is YAML); messages name it as it is given here.
  ///   - overrides: what the command line puts in the place of the file's values.
  /// - Throws: everything that is wrong with it, each with its place.
  public init(file path: String, overrides: [ConfigurationOverride] = []) throws(ConfigurationErrors) {
    var bytes = [UInt8](repeating: 0, count: ConfigurationText.maximumBytes + 1)
    do throws(FileError) {
      let file = try FileDescriptor.reading(path)
      bytes.removeLast(bytes.count - (try file.read(into: &bytes)))
    } catch {
      let location = ConfigurationLocation(source: path)
      throw ConfigurationErrors(
        ConfigurationError(
          at: location, path: "", found: "a file that cannot be read: \(error.problem)",
          expected: "a configuration in YAML"))
    }
    try self.init(bytes: bytes, file: path, overrides: overrides)
  }

  /// Reads a configuration from text.
  ///
  /// - Parameter file: what messages call the text, and where the default of `name` comes from.
  public init(
    yaml: String, file: String = "configuration", overrides: [ConfigurationOverride] = []
  ) throws(ConfigurationErrors) {
    try self.init(bytes: Array(yaml.utf8), file: file, overrides: overrides)
  }

  init(bytes: [UInt8], file: String, overrides: [ConfigurationOverride]) throws(ConfigurationErrors) {
    let text = try ConfigurationText(bytes, file: file)
    let diagnostics = Diagnostics()
    var parser = ConfigurationParser(file: file, diagnostics: diagnostics)
    guard var tree = parser.parse(text) else {
      try diagnostics.throwIfAny()
      throw ConfigurationErrors(
        ConfigurationError(
          at: ConfigurationLocation(source: file, line: 1, column: 1), path: "", found: "an empty file",
          expected: "a configuration with data, model, loss, optimizer and training"))
    }
    tree.apply(overrides, diagnostics: diagnostics)
    let configuration = Decode.run(
      Field(node: tree, path: "", diagnostics: diagnostics), defaultName: Self.name(ofFile: file))
    try diagnostics.throwIfAny()
    guard let configuration else {
      // Every nil has been reported.
      throw ConfigurationErrors(
        ConfigurationError(
          at: tree.location, path: "", found: "an incomplete configuration", expected: "a complete one"))
    }
    ConfigurationCheck(configuration: configuration, locations: ConfigurationLocations(tree), diagnostics: diagnostics)
      .run()
    try diagnostics.throwIfAny()
    self = configuration
  }

  /// Checks whether the parts fit each other, for a configuration made in code; one that was read has passed.
  public func check() throws(ConfigurationErrors) {
    // Through its own text, so that every rule of the file holds for it.
    _ = try RunConfiguration(yaml: resolvedYAML, file: name)
  }
}
