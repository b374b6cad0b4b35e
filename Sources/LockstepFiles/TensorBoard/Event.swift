import LockstepKernels
import LockstepTraining
import SwiftProtobuf

/// The records of a file of events: each of one value at one step, which has a tag such as `train/loss`.
enum Event {
  /// What a file begins with: the version of its format, and that what has been read of steps after `step` is void.
  static func beginning(after step: Int) throws(FileError) -> [UInt8] {
    var session = Tensorboard_SessionLog()
    session.status = .start
    return try record(.fileVersion("brain.Event:2"), at: 0) + record(.sessionLog(session), at: step + 1)
  }

  /// One a number of a line: `train/loss`, `validation/accuracy`; of a line that tells of the layers
  /// `gradient_norm/dense0`. None of other lines.
  static func records(of line: MetricsLine) throws(FileError) -> [UInt8] {
    var records: [UInt8] = []
    func add(_ tag: String, _ value: JSONValue) throws(FileError) {
      guard let number = value.number else { return }
      records += try record(tag, .simpleValue(Float(number)), at: line.step)
    }
    switch line.event {
    case "train", "validation":
      for member in line.values.members where member.name != "step" {
        try add("\(line.event)/\(member.name)", member.value)
      }
    case "layers":
      for case .object(let layer) in line.values["layers"]?.array ?? [] {
        for member in layer.members { try add("\(member.name)/\(layer["name"]?.string ?? "")", member.value) }
      }
    default: break
    }
    return records
  }

  /// A histogram of a tensor.
  static func record(of tensor: TrainerTensor, _ kind: String, at step: Int) throws(FileError) -> [UInt8] {
    let histogram = ValueHistogram(of: tensor.values)
    var proto = Tensorboard_HistogramProto()
    (proto.min, proto.max, proto.num) = (histogram.minimum, histogram.maximum, Double(histogram.count))
    (proto.sum, proto.sumSquares) = (histogram.sum, histogram.sumOfSquares)
    proto.bucketLimit = histogram.buckets.map(\.limit)
    proto.bucket = histogram.buckets.map { Double($0.count) }
    return try record("\(kind)/\(tensor.name)", .histo(proto), at: step)
  }

  /// The first part of the tag of the value in a record, nil where it has none, and its step; nil for what is no event.
  static func kindAndStep(of data: [UInt8]) -> (kind: String?, step: Int)? {
    guard let event = try? Tensorboard_Event(serializedBytes: data) else { return nil }
    let tag = event.summary.value.first?.tag
    return (tag.map { String($0.prefix { $0 != "/" }) }, Int(event.step))
  }

  private static func record(
    _ tag: String, _ value: Tensorboard_Summary.Value.OneOf_Value, at step: Int
  ) throws(FileError) -> [UInt8] {
    var summary = Tensorboard_Summary()
    summary.value = [Tensorboard_Summary.Value()]
    (summary.value[0].tag, summary.value[0].value) = (tag, value)
    return try record(.summary(summary), at: step)
  }

  private static func record(_ what: Tensorboard_Event.OneOf_What, at step: Int) throws(FileError) -> [UInt8] {
    var event = Tensorboard_Event()
    (event.wallTime, event.step, event.what) = (WallClock.seconds(), Int64(step), what)
    do { return EventRecord.framed(try event.serializedBytes()) } catch {
      throw FileError("encode an event for", "tensorboard", problem: "\(error)")
    }
  }
}
