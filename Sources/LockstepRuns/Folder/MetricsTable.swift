import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepTraining
import Synchronization

/// `metrics.csv`: the figures of `metrics.jsonl` as a table for spreadsheets and pandas, a row for every step at which
/// something was measured.
///
/// ```
/// step,epoch,samples,loss,learning_rate,gradient_norm,samples_per_second,validation_loss
/// 100,0,51200,0.8125,0.001,2.5,,
/// 200,0,102400,0.40625,0.001,1.75,151012.5,0.4375
/// ```
///
/// The columns follow from the configuration, the rows from the log: a run that goes on makes the table anew, so that
/// it need not be mended.
final class MetricsTable: Sendable {
  private let path: String
  private let log: String
  private let file: AppendedFile
  private let rows: Mutex<TableRows>

  /// Makes the table at `path` of the log at the path `log`, and goes on with it.
  ///
  /// - Parameters:
  ///   - sampler: that of `configuration`.
  ///   - own: names of metrics that evaluations have beside the configuration's.
  init(
    _ path: String, of log: String, _ configuration: RunConfiguration, _ sampler: Sampler, adding own: [String] = []
  ) throws(FileError) {
    (self.path, self.log) = (path, log)
    var rows = TableRows(configuration, sampler, adding: own)
    try Self.write(path, of: log, &rows)
    self.rows = Mutex(rows)
    file = try AppendedFile(path)
  }

  /// Takes a line of the log.
  func append(_ line: MetricsLine) throws(FileError) {
    try rows.withLock { (rows) throws(FileError) in try add(rows.add(line)) }
  }

  /// Writes the row of the present step, at which nothing more will be measured.
  func finishRow() throws(FileError) {
    try rows.withLock { (rows) throws(FileError) in try add(rows.finish()) }
  }

  /// Makes the table anew of the log, and goes on with that.
  func renew() throws(FileError) {
    try rows.withLock { (rows) throws(FileError) in
      _ = rows.finish()
      try file.renew { () throws(FileError) in
        try Self.write(path, of: log, &rows)
        return path
      }
    }
  }

  /// Waits until the device holds every row that has been finished.
  func synchronize() throws(FileError) {
    try file.synchronize { () throws(FileError) in
      try rows.withLock { (rows) throws(FileError) in
        try Self.write(path, of: log, &rows, finishing: true)
        return path
      }
    }
  }

  private func add(_ row: String?) throws(FileError) {
    if let row { try file.append(Array(row.utf8)) }
  }

  /// - Parameter finishing: whether the last row is written too, because nothing more is measured at its step.
  private static func write(
    _ path: String, of log: String, _ rows: inout TableRows, finishing: Bool = false
  ) throws(FileError) {
    var table = try TemporaryFile(replacing: path)
    func write(_ text: String?) throws(FileError) {
      if let text { try table.write(Array(text.utf8), 0..<text.utf8.count) }
    }
    try write(rows.header)
    try MetricsLog.forEachLine(log) { (line) throws(FileError) in try write(rows.add(line)) }
    if finishing { try write(rows.finish()) }
    try table.commit()
  }
}

/// Puts the lines of a log together to rows of a table.
private struct TableRows: Sendable {
  /// Where the figures of a column stand in the log.
  private struct Column: Sendable {
    let name: String
    let event: String
    let value: String
  }

  private static let leading = ["step", "epoch", "samples"]

  private let columns: [Column]
  private let sampler: Sampler
  /// The row of the present step.
  private var present: (step: Int, cells: [String])?

  /// - Parameter configuration: whatever it may measure has a column.
  init(_ configuration: RunConfiguration, _ sampler: Sampler, adding own: [String]) {
    self.sampler = sampler
    let metrics = configuration.loss.summedMetrics.map(\.rawValue)
    let training = metrics + ["learning_rate", "gradient_norm", "samples_per_second"]
    let further = configuration.furtherMetrics.map(\.rawValue)
    let validation = configuration.evaluation == nil ? [] : metrics + further + own
    columns =
      training.map { Column(name: $0, event: "train", value: $0) }
      + validation.map { Column(name: "validation_\($0)", event: "validation", value: $0) }
  }

  var header: String { (Self.leading + columns.map(\.name)).joined(separator: ",") + "\n" }

  /// - Returns: the row before, where the line begins another.
  mutating func add(_ line: MetricsLine) -> String? {
    guard line.step > 0, columns.contains(where: { $0.event == line.event }) else { return nil }
    let before = present?.step == line.step ? nil : finish()
    var cells = present?.cells ?? [String](repeating: "", count: columns.count)
    for (index, column) in columns.enumerated() where column.event == line.event {
      // A figure that is not finite is null in the log, and an empty cell here.
      if let value = line.values[column.value], value.number?.isFinite == true { cells[index] = value.text }
    }
    present = (line.step, cells)
    return before
  }

  /// - Returns: the row of the present step, which is complete.
  mutating func finish() -> String? {
    guard let (step, cells) = present else { return nil }
    present = nil
    let leading = [step, sampler.epoch(of: step - 1), sampler.samplesSeen(before: step)]
    return (leading.map(String.init) + cells).joined(separator: ",") + "\n"
  }
}
