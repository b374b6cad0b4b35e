import LockstepData
import LockstepDeclarations

// Which samples validate.

extension Decode {
  private typealias Defaults = RunConfiguration.Defaults

  /// - Parameter unsaid: the rule where none is given.
  static func split(_ fields: inout Fields, isWhole: Bool, default unsaid: DataSplit.Rule) -> DataSplit? {
    let (share, folds) = (fields.optional("split"), fields.optional("folds"))
    guard let given = share ?? folds else { return nil }
    if !isWhole || share != nil && folds != nil {
      (folds ?? given).report(
        found: share != nil && folds != nil ? "both split and folds" : "it without data.source",
        expected: "split or folds beside source")
    }
    let split = given.mapping("a mapping") { fields -> DataSplit? in
      let seed = fields.optional("seed")?.unsignedInteger() ?? Defaults.splitSeed
      let rule = rule(&fields, default: unsaid)
      guard share == nil else {
        return fields.required(DataSplit.share).map { .share($0, seed: seed, by: rule) }
      }
      let count = fields.required(DataSplit.count) ?? 2
      let index = fields.required(DataSplit.index(of: count)) ?? 0
      return .fold(index, of: count, seed: seed, by: rule)
    }
    return split ?? nil
  }

  /// By which rule samples are chosen: one of `stratify`, `group` and `order`.
  ///
  /// - Parameter unsaid: where none is given.
  private static func rule(_ fields: inout Fields, default unsaid: DataSplit.Rule) -> DataSplit.Rule {
    let (stratify, group, order) = (fields.optional("stratify"), fields.optional("group"), fields.optional("order"))
    if let order {
      guard case .scalar("last", _) = order.node.content else {
        order.report(expected: "last, which lets the last samples validate", hint: "leave it out for a random order")
        return .last
      }
    }
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
    if case .scalar("auto", _) = field.node.content { return .automatic }
    guard case .scalar(let text, false) = field.node.content, ["true", "false"].contains(text.lowercased()) else {
      field.report(expected: "true, false or auto")
      return nil
    }
    return field.flag() == true ? .stratified : .random
  }
}
