import LockstepExamination
import LockstepFormats
import LockstepStudies

extension Check.Judgement {
  /// In one short word.
  package var word: String {
    switch self {
    case .passed: "ok"
    case .noted: "note"
    case .fault: "fault"
    case .skipped: "skipped"
    }
  }
}

extension [Check] {
  /// Those that say something: faults first, then what is worth knowing, then what is as it should be.
  package var telling: [Check] {
    [.fault, .noted, .passed].flatMap { judgement in filter { $0.judgement == judgement } }
  }

  /// `2 faults, 1 note, 9 ok`
  package var summary: String {
    func count(_ judgement: Check.Judgement) -> Int { self.count { $0.judgement == judgement } }
    let (faults, notes) = (count(.fault), count(.noted))
    return
      "\(faults) \(Format.plural(faults, "fault")), \(notes) \(Format.plural(notes, "note")), \(count(.passed)) ok"
  }

  /// The checks on a page.
  var table: HTML {
    Page.table(
      ["", "check", "what was found", "what to do"],
      telling.map { check in
        [
          .element("strong", [("class", check.judgement.rawValue)], text: check.judgement.word),
          .element("code", text: check.kind.rawValue), .text(check.finding), .text(check.remedy),
        ]
      }, wrapped: [2, 3])
  }
}
