import LockstepFormats

extension Check {
  /// As `lockstep diagnose --json` writes it.
  package var json: JSONObject {
    var numbers: JSONObject = [:]
    for figure in figures { numbers[figure.name] = .figure(figure.value) }
    return [
      "id": .string(kind.rawValue), "judgement": .string(judgement.rawValue), "figures": .object(numbers),
      "finding": .string(finding), "remedy": .string(remedy), "source": .string(kind.source),
    ]
  }
}
