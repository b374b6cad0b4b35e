import LockstepData
import LockstepFormats

extension RunConfiguration {
  /// Reads a configuration file.
  ///
  /// - Parameters:
  ///   - path: a YAML file (or JSON, which is YAML); messages name it as it is given here.
  ///   - overrides: what the command line puts in the place of the file's values.
  ///   - unknown: what becomes of categories that training has not seen, in the place of `data.unknown`; nil leaves it.
  ///     Folds that are still to be drawn leave a rare category out of training somewhere.
  /// - Throws: everything that is wrong with it, each with its place.
  public init(
    file path: String, overrides: [ConfigurationOverride] = [], unknown: DataSources.Unknown? = nil
  ) throws(ConfigurationErrors) {
    try self.init(file: path, overrides: overrides, unknown: unknown, files: .open(nil))
  }

  /// The same.
  ///
  /// - Parameter files: what is known of the files of its data.
  package init(
    file path: String, overrides: [ConfigurationOverride] = [], unknown: DataSources.Unknown? = nil, files: KnownFiles
  ) throws(ConfigurationErrors) {
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
    try self.init(
      bytes: bytes, file: path, overrides: overrides, unknown: unknown, folder: Folder.parent(of: path),
      files: files)
  }

  /// Reads a configuration from text.
  ///
  /// - Parameter file: what messages call the text, and where the default of `name` comes from.
  public init(
    yaml: String, file: String = "configuration", overrides: [ConfigurationOverride] = []
  ) throws(ConfigurationErrors) {
    try self.init(bytes: Array(yaml.utf8), file: file, overrides: overrides)
  }

  /// Reads the configuration of a checkpoint, whose files need not be there any more.
  ///
  /// - Parameter recorded: what the checkpoint says of them.
  package init(yaml: String, file: String, recorded: Preprocessing?) throws(ConfigurationErrors) {
    try self.init(bytes: Array(yaml.utf8), file: file, overrides: [], files: .recorded(recorded))
  }

  /// What is known of the files of a configuration before they are opened.
  package enum KnownFiles {
    /// Nothing, or that they may be open already.
    case open(FileData?)
    /// What a checkpoint says; they are not opened.
    case recorded(Preprocessing?)
    /// The same, and they are opened as the checkpoint says, because its run goes on; nil where there is no checkpoint
    /// yet.
    case reopened(Preprocessing?)

    /// Whether the configuration is one that a run has written, maybe of an earlier version.
    var isRecorded: Bool {
      switch self {
      case .open: false
      case .recorded, .reopened: true
      }
    }
  }

  package init(
    bytes: [UInt8], file: String, overrides: [ConfigurationOverride], unknown: DataSources.Unknown? = nil,
    folder: String = ".", files: KnownFiles = .open(nil)
  ) throws(ConfigurationErrors) {
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
    let decoded = Decode.run(
      Field(node: tree, path: "", diagnostics: diagnostics), defaultName: Self.name(ofFile: file), folder: folder,
      isRecorded: files.isRecorded)
    try diagnostics.throwIfAny()
    guard var configuration = decoded else {
      // Every nil has been reported.
      throw ConfigurationErrors(
        ConfigurationError(
          at: tree.location, path: "", found: "an incomplete configuration", expected: "a complete one"))
    }
    let locations = ConfigurationLocations(tree)
    if let unknown, configuration.data.train.file != nil { configuration.data.unknown = unknown }
    try configuration.open(files, locations, diagnostics)
    ConfigurationCheck(configuration: configuration, locations: locations, diagnostics: diagnostics).run()
    try diagnostics.throwIfAny()
    self = configuration
  }

  /// Checks whether the parts fit each other, for a configuration made in code; one that was read has passed.
  public func check() throws(ConfigurationErrors) { _ = try prepared() }

  /// The same, checked and with the files of its data open, as one that was read has them.
  public func prepared() throws(ConfigurationErrors) -> RunConfiguration {
    // Through its own text, so that every rule of the file holds for it.
    try RunConfiguration(bytes: Array(resolvedYAML.utf8), file: name, overrides: [], files: .open(data.files))
  }

  private mutating func open(
    _ files: KnownFiles, _ locations: ConfigurationLocations, _ diagnostics: Diagnostics
  ) throws(ConfigurationErrors) {
    guard let description = data.fileDescription(loss) else { return }
    switch files {
    case .open(let open):
      data.files = open
      do throws(DataFileError) { try openFiles() } catch {
        diagnostics.report(data.error(error, locations))
        try diagnostics.throwIfAny()
      }
    case .reopened(let preprocessing):
      do throws(DataFileError) { data.files = try FileData(opening: description, recorded: preprocessing) } catch {
        diagnostics.report(data.error(error, locations))
        try diagnostics.throwIfAny()
      }
    case .recorded(let preprocessing?): data.files = FileData(description, recorded: preprocessing)
    case .recorded(nil):
      throw ConfigurationErrors(
        ConfigurationError(
          at: locations.location(of: data.trainPath), path: data.trainPath, found: "no record of what the data held",
          expected: "a checkpoint that says how its data was prepared"))
    }
  }
}

extension RunConfiguration.DataSources {
  /// What is wrong with a file: said at its place in the file, or where the configuration names the file or a column of
  /// it.
  fileprivate func error(_ error: DataFileError, _ locations: ConfigurationLocations) -> ConfigurationError {
    if error.line != nil || !error.place.isEmpty, !Self.keys.contains(error.place) {
      let location = ConfigurationLocation(
        source: Folder.shown(error.file), line: error.line, column: error.line == nil ? nil : error.column ?? 1)
      return ConfigurationError(
        at: location, path: error.place, found: error.found, expected: error.expected, hint: error.hint)
    }
    let sources =
      [("data.source", train), ("data.train", train)] + (validation.map { [("data.validation", $0)] } ?? [])
    let found = error.found.hasPrefix(error.file) ? error.found : "\(Folder.shown(error.file)): \(error.found)"
    if error.place == "group" {
      let key = locations.written(["data.split.group", "data.folds.group"])
      return ConfigurationError(
        at: locations.location(of: key), path: key, found: found, expected: error.expected, hint: error.hint)
    }
    for (path, source) in sources {
      for file in source.file?.files ?? [] where error.file.hasPrefix(file.path) {
        let key = locations.written([
          "\(path).\(source.kind).\(Self.keys.contains(error.place) ? error.place : file.key)"
        ])
        guard locations.has(path) else { continue }
        return ConfigurationError(
          at: locations.location(of: key), path: key, found: found, expected: error.expected, hint: error.hint)
      }
    }
    return ConfigurationError(
      at: locations.location(of: trainPath), path: trainPath, found: found, expected: error.expected, hint: error.hint)
  }

  /// Keys that name columns of a table.
  private static let keys: Set<String> = ["target", "categorical", "ignore", "weight", "group"]
}
