/// What stands in the folder of a run, for whoever only looks: nothing is locked, verified or changed, and the run may be going on.
public struct RunRecord: Sendable {
  public let path: String
  public let configuration: RunConfiguration
  /// nil where the run has not ended.
  public let summary: JSONObject?
  /// Every evaluation on the validation data: its step and its metrics.
  public let evaluations: [(step: Int, metrics: JSONObject)]
  /// The last step that its files speak of.
  public let steps: Int

  /// - Throws: `RunError.input` where `path` is not the folder of a run, or its configuration cannot be read.
  public init(_ path: String) throws(RunError) {
    let folder = try asInput { () throws(RunFolderError) in try RunFolder.open(path) }
    guard try asInput({ () throws(FileError) in try Folder.kind(of: folder.configurationFile) }) != .missing else {
      throw .input("\(folder.configurationFile): there is no such file")
    }
    self.path = path
    configuration = try asInput { () throws(ConfigurationErrors) in
      try RunConfiguration(file: folder.configurationFile, recorded: Self.preprocessing(in: folder))
    }
    let summary = try asInput { () throws(FileError) in try folder.readSummary() }
    let lines = try asInput { () throws(FileError) in try MetricsLog.lines(folder.metricsFile) }
    var evaluations = lines.filter { $0.event == "validation" }.map { (step: $0.step, metrics: $0.values) }
    // The one at the end of a run may not have been scheduled, and stands in the summary alone.
    if let metrics = summary?["validation"]?.object, let step = summary?["steps"]?.integer,
      evaluations.last?.step != step
    {
      evaluations.append((step, metrics))
    }
    steps = max(summary?["steps"]?.integer ?? 0, lines.last?.step ?? 0)
    self.summary = summary
    self.evaluations = evaluations
  }

  /// What the newest checkpoint says of the files of its data, which may be large, or gone by now; nil where there is none.
  private static func preprocessing(in folder: RunFolder) -> Preprocessing? {
    guard let newest = try? CheckpointStore(folder: folder.checkpointsFolder, keep: 1).list().last,
      let header = try? CheckpointFile.readHeader(newest.path)
    else { return nil }
    return header.metadata[Preprocessing.key].flatMap(Preprocessing.init)
  }

  /// How it ended, or `running` where its summary is not there yet.
  public var status: String { summary?["status"]?.string ?? "running" }

  /// The best of its evaluations: by the metric of `checkpoint.keep_best`, or else by accuracy for a classifier and by loss for a regression. nil where
  /// nothing was evaluated.
  public var best: (metric: String, value: Double, step: Int)? {
    let metric = configuration.loss.metricNames.contains("accuracy") ? "accuracy" : "loss"
    let wanted =
      configuration.checkpoint.keepBest
      ?? RunConfiguration.Checkpoints.Best(
        metric: metric, mode: RunConfiguration.Checkpoints.Best.mode(of: metric))
    var best: (metric: String, value: Double, step: Int)?
    for (step, metrics) in evaluations {
      guard let value = metrics[wanted.metric]?.number, wanted.isBetter(value, than: best?.value) else { continue }
      best = (wanted.metric, value, step)
    }
    return best
  }

  /// The runs whose folders stand in `folder`, and `folder` itself if it is one, by name; and what is wrong with those that cannot be read.
  ///
  /// - Throws: `RunError.input` where there is no such folder.
  public static func all(in folder: String) throws(RunError) -> (runs: [RunRecord], problems: [String]) {
    let names = try asInput { () throws(FileError) in try Folder.names(in: folder) }
    var (runs, problems): ([RunRecord], [String]) = ([], [])
    for path in [folder] + names.map({ "\(folder)/\($0)" })
    where (try? Folder.kind(of: "\(path)/config.yaml")) == .file {
      do throws(RunError) { runs.append(try RunRecord(path)) } catch { problems.append("\(error)") }
    }
    return (runs, problems)
  }
}
