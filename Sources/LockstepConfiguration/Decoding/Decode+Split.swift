import LockstepData
import LockstepDeclarations

// Which samples validate.

extension Decode {
  private typealias Defaults = RunConfiguration.Defaults

  /// - Parameter unsaid: the rule where none is given.
  static func split(_ fields: inout Fields, isWhole: Bool, default unsaid: DataSplit.Rule) -> DataSplit? {
    let share = fields.optional("split", "holds back a share of source to validate")
    let folds = fields.optional("folds", "holds back one of several equal parts of source to validate")
    guard let given = share ?? folds else { return nil }
    if !isWhole || share != nil && folds != nil {
      (folds ?? given).report(
        found: share != nil && folds != nil ? "both split and folds" : "it without data.source",
        expected: "split or folds beside source")
    }
    let part = share?.mapping("a mapping") { fields -> DataSplit? in
      let (seed, rule) = (seed(&fields), rule(&fields, default: unsaid))
      return fields.required(DataSplit.share).map { .share($0, seed: seed, by: rule) }
    }
    let fold = folds?.mapping("a mapping") { fields -> DataSplit? in
      let (seed, rule) = (seed(&fields), rule(&fields, default: unsaid))
      let count = fields.required(DataSplit.count) ?? DataSplit.mostFolds
      let index = fields.required(DataSplit.index(of: count)) ?? 0
      return .fold(index, of: count, seed: seed, by: rule)
    }
    return part ?? fold ?? nil
  }

  private static func seed(_ fields: inout Fields) -> UInt64 {
    fields.optional(
      "seed", "which samples they are; not the run's seed, so that runs can be compared",
      default: .integer(Defaults.splitSeed))?.unsignedInteger() ?? Defaults.splitSeed
  }

  /// By which rule samples are chosen: one of `stratify`, `group` and `order`.
  ///
  /// - Parameter unsaid: where none is given.
  private static func rule(_ fields: inout Fields, default unsaid: DataSplit.Rule) -> DataSplit.Rule {
    let stratify = fields.optional(
      "stratify", "whether as much of every class is held back; auto where there are classes", default: .text("auto"))
    let group = fields.optional("group", "a column; what has the same there stays together")
    let order = fields.optional("order", "last lets the last samples validate, in the place of random ones")
    _ = order?.word(
      among: [Word("last")], "last, which lets the last samples validate", hint: "leave it out for a random order")
    let isStratified = stratify.flatMap(stratification)
    let given = [(isStratified == .stratified ? stratify : nil, "stratify"), (group, "group"), (order, "order")].filter
    { $0.0 != nil }
    if given.count > 1, let field = given[1].0 {
      field.report(found: "both \(given[0].1) and \(given[1].1)", expected: "one rule by which samples are chosen")
    }
    if let column = group.flatMap(column) { return .grouped(column) }
    return order != nil ? .last : isStratified ?? unsaid
  }

  private static func stratification(_ field: Field) -> DataSplit.Rule? {
    let expected = "true, false or auto"
    return field.either(field.isFlag) {
      $0.flag(expected).map { $0 ? .stratified : .random }
    } or: {
      $0.word(among: [Word("auto")], expected).map { _ in .automatic }
    }
  }
}
