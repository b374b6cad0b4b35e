import LockstepData
import LockstepFormats

/// A configuration that has been checked, and the files of its data, which stay open as long as they are held.
package struct OpenedConfiguration: Sendable {
  package var configuration: RunConfiguration
  /// nil for synthetic data, and where a checkpoint says what they held.
  package var files: FileData?

  package init(_ configuration: RunConfiguration, _ files: FileData?) {
    (self.configuration, self.files) = (configuration, files)
  }
}

/// What is known about the files of a configuration before they are opened.
package enum KnownFiles {
  /// Nothing, or that they may be open already.
  case open(FileData?)
  /// What a checkpoint says; they are not opened.
  case recorded(Preprocessing?)
  /// What a checkpoint says, and they are opened as it says, because its run goes on; nil where there is no checkpoint
  /// yet.
  case reopened(Preprocessing?)
  /// What a checkpoint says, for a run that begins at it. They are opened, and prepared as it says where they are read
  /// by the settings of its own run, else anew; nil where that had none.
  case forked(Preprocessing?, readBy: FileData.Description?)

  /// Whether the configuration is one that a run has written, maybe of an earlier version.
  fileprivate var isRecorded: Bool {
    switch self {
    case .open: false
    case .recorded, .reopened, .forked: true
    }
  }
}

extension RunConfiguration {
  /// Reads and checks a configuration file, and opens the files of its data to see what they hold.
  ///
  /// - Parameters:
  ///   - path: a file of YAML, or of JSON, which is YAML. Errors name it as it is given here.
  ///   - overrides: values that take the place of the file's.
  /// - Throws: everything that is wrong with it, each with its place.
  public init(file path: String, overrides: [ConfigurationOverride] = []) throws(ConfigurationErrors) {
    self = try OpenedConfiguration(file: path, overrides: overrides).configuration
  }

  /// Reads and checks a configuration from text, as `init(file:overrides:)` does from a file.
  ///
  /// - Parameters:
  ///   - yaml: the text; relative paths in it start from the folder of `file`.
  ///   - file: what errors call the text; its last name without ending is the default of `name`.
  ///   - overrides: values that take the place of the text's.
  public init(
    yaml: String, file: String = "configuration", overrides: [ConfigurationOverride] = []
  ) throws(ConfigurationErrors) {
    self = try OpenedConfiguration(bytes: Array(yaml.utf8), file: file, overrides: overrides).configuration
  }

  /// Reads the configuration of a checkpoint, whose files need not be there any more.
  ///
  /// - Parameter recorded: what the checkpoint says of them.
  package init(yaml: String, file: String, recorded: Preprocessing?) throws(ConfigurationErrors) {
    self =
      try OpenedConfiguration(bytes: Array(yaml.utf8), file: file, overrides: [], files: .recorded(recorded))
      .configuration
  }

  /// Checks a configuration made in code: every setting by its rule, and whether the parts fit each other. A
  /// configuration that was read has been checked. Whatever takes a configuration to train, measure or estimate checks
  /// it too.
  ///
  /// - Throws: everything that is wrong with it.
  public func check() throws(ConfigurationErrors) { _ = try opened() }

  /// This one, checked, with the files of its data open.
  ///
  /// - Parameter files: those that may be open already; they are taken where they are what this one describes.
  package func opened(reusing files: FileData? = nil) throws(ConfigurationErrors) -> OpenedConfiguration {
    let locations = ConfigurationLocations(source: name)
    let diagnostics = Diagnostics()
    ConfigurationCheck(configuration: self, locations: locations, diagnostics: diagnostics).checkSettings()
    try diagnostics.throwIfAny()
    var opened = OpenedConfiguration(self, nil)
    // As where a file leaves it out.
    if data.hasValidation { opened.configuration.evaluation = evaluation ?? Evaluation() }
    try opened.open(.open(files), locations, diagnostics)
    return opened
  }
}

extension OpenedConfiguration {
  /// Reads a configuration file.
  ///
  /// - Parameters:
  ///   - unknown: what becomes of categories that training has not seen, in the place of `data.unknown`; nil leaves it.
  ///     Folds that are still to be drawn leave a rare category out of training somewhere.
  ///   - files: what is known of the files of its data.
  package init(
    file path: String, overrides: [ConfigurationOverride] = [], unknown: RunConfiguration.DataSources.Unknown? = nil,
    files: KnownFiles = .open(nil)
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

  package init(
    bytes: [UInt8], file: String, overrides: [ConfigurationOverride],
    unknown: RunConfiguration.DataSources.Unknown? = nil, folder: String = ".", files: KnownFiles = .open(nil)
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
      Field(node: tree, path: "", diagnostics: diagnostics), defaultName: RunConfiguration.name(ofFile: file),
      folder: folder, isRecorded: files.isRecorded)
    try diagnostics.throwIfAny()
    guard let decoded else {
      // Every nil has been reported.
      throw ConfigurationErrors(
        ConfigurationError(
          at: tree.location, path: "", found: "an incomplete configuration", expected: "a complete one"))
    }
    self.init(decoded, nil)
    if let unknown, configuration.data.train.file != nil { configuration.data.unknown = unknown }
    try open(files, ConfigurationLocations(tree), diagnostics)
  }

  /// Opens the files, and checks what no single setting can tell.
  fileprivate mutating func open(
    _ known: KnownFiles, _ locations: ConfigurationLocations, _ diagnostics: Diagnostics
  ) throws(ConfigurationErrors) {
    if let description = configuration.data.fileDescription(configuration.loss) {
      do throws(DataFileError) {
        switch known {
        case .open(let open?) where open.description == description: files = open
        case .open: files = try FileData(opening: description)
        case .reopened(let preprocessing): files = try FileData(opening: description, recorded: preprocessing)
        case .forked(let preprocessing?, let former?) where description.isPrepared(as: former):
          files = try FileData(opening: description, recorded: preprocessing)
        case .forked: files = try FileData(opening: description)
        case .recorded(let preprocessing?):
          configuration.data.contents = DataContents(preprocessing: preprocessing)
        case .recorded(nil):
          let path = configuration.data.trainPath
          diagnostics.report(
            at: locations.location(of: path), path: path, found: "no record of what the data held",
            expected: "a checkpoint that says how its data was prepared")
        }
      } catch {
        diagnostics.report(configuration.data.error(error, locations))
      }
      try diagnostics.throwIfAny()
      if let files { configuration.data.contents = files.contents }
    }
    ConfigurationCheck(configuration: configuration, locations: locations, diagnostics: diagnostics).run()
    try diagnostics.throwIfAny()
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
    if error.place == "group" || error.place == "image" {
      let key = locations.written(
        error.place == "image" ? ["data.image"] : ["data.split.group", "data.folds.group"])
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

  /// Keys that name columns of a table, that of the image which its columns are, and that of CIFAR's labels.
  private static let keys: Set<String> = ["target", "categorical", "ignore", "weight", "group", "image", "labels"]
}
