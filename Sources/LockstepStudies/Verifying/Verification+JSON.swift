import LockstepFormats

extension Verification {
  /// As `lockstep verify --json` prints it.
  public var json: JSONObject {
    [
      "run": .string(run), "same": .bool(isSame), "version": version.map { .string($0) } ?? .null,
      "data": data.map { .string($0) } ?? .null, "weights_digest": weightsDigest.map { .string($0) } ?? .null,
      "findings": .array(findings.map { .string($0) }), "notes": .array(notes.map { .string($0) }),
      "all_intervals": .integer(allIntervals), "seed": seed.map { .string(String($0)) } ?? .null,
      "intervals": .array(intervals.map { .object($0.json) }),
    ]
  }
}

extension Verification.Interval {
  fileprivate var json: JSONObject {
    var json: JSONObject = [
      "from": .integer(from), "to": .integer(to), "outcome": .string(outcome.word), "seconds": .number(seconds),
    ]
    switch outcome {
    case .same: break
    case .differs(let difference): json["difference"] = .object(difference.json)
    case .notTrained(let reason): json["reason"] = .string(reason)
    }
    return json
  }
}

extension Verification.Difference {
  fileprivate var json: JSONObject {
    [
      "last_same": .integer(lastSame), "step": .integer(step),
      "tensor": element.map { .object($0.json) } ?? .null, "log": logValue.map { .object($0.json) } ?? .null,
      "state": .bool(isOfState),
    ]
  }
}

extension Verification.Difference.Element {
  fileprivate var json: JSONObject {
    [
      "name": .string(tensor), "element": .integer(index), "found": .figure(Double(found)),
      "expected": .figure(Double(expected)), "tensors": .integer(tensors),
    ]
  }
}

extension Verification.Difference.LogValue {
  fileprivate var json: JSONObject {
    [
      "event": .string(event), "step": .integer(step), "name": .string(name), "found": found ?? .null,
      "expected": expected,
    ]
  }
}
