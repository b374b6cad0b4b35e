import LockstepData
import LockstepFormats
import LockstepTraining

extension Encode {
  static func split(_ split: DataSplit) -> (key: String, value: ResolvedValue) {
    let chosen: Parameters = [("seed", .integer(split.seed)), rule(split.rule)]
    return switch split.part {
    case .share(let share): ("split", .mapping([("validation", .number(share))] + chosen))
    case .fold(let index, let count):
      ("folds", .mapping([("count", .integer(count)), ("index", .integer(index))] + chosen))
    }
  }

  private static func rule(_ rule: DataSplit.Rule) -> (key: String, value: ResolvedValue) {
    switch rule {
    case .automatic: ("stratify", .text("auto"))
    case .random: ("stratify", .flag(false))
    case .stratified: ("stratify", .flag(true))
    case .grouped(let column): ("group", self.column(column))
    case .last: ("order", .text("last"))
    }
  }

  static func standardization(_ data: RunConfiguration.DataSources) -> ResolvedValue {
    guard data.standardizeTargets else { return .flag(data.standardize) }
    return .mapping([("features", .flag(data.standardize)), ("targets", .flag(true))])
  }

  static func image(_ image: ImageLayout) -> ResolvedValue {
    .mapping([
      ("height", .integer(image.height)), ("width", .integer(image.width)), ("channels", .integer(image.channels)),
      ("order", .text(image.order.rawValue)),
    ])
  }

  static func keys(of source: FileSource) -> Parameters {
    switch source {
    case .csv(let source):
      return [
        ("path", .text(source.path)), ("target", .list(source.targets.map(column))),
        ("header", .flag(source.hasHeader)),
      ] + keys(of: source.dialect) + [
        ("categorical", .list(source.categorical.map(column))), ("ignore", .list(source.ignored.map(column))),
      ] + (source.weight.map { [("weight", column($0))] } ?? [])
    case .npy(let features, let targets, let weights):
      return [("features", .text(features))] + given("targets", targets) + given("weights", weights)
    case .npz(let path, let features, let targets, let weights),
      .safetensors(let path, let features, let targets, let weights):
      return [("path", .text(path)), ("features", .text(features))] + given("targets", targets)
        + given("weights", weights)
    case .pictures(let source):
      return [("path", .text(source.path))] + (source.size.map(keys(of:)) ?? [])
        + (source.channels.map { [("channels", .integer($0))] } ?? []) + [("fit", .text(source.fit.rawValue))]
    case .idx(let images, let labels):
      return [("images", .text(images))] + given("labels", labels)
    case .cifar(let files, let labels):
      return [("files", .list(files.map { .text($0) })), ("labels", .text(labels.rawValue))]
    }
  }

  private static func keys(of size: PictureSource.Size) -> Parameters {
    [("height", .integer(size.height)), ("width", .integer(size.width))]
  }

  private static func keys(of dialect: CSVDialect) -> Parameters {
    [
      ("delimiter", .text(String(dialect.delimiter))), ("quote", .text(String(dialect.quote))),
      ("decimal", .text(String(dialect.decimal))),
    ] + (dialect.thousands.map { [("thousands", .text(String($0)))] } ?? [])
      + (dialect.missingWords.map { [("missing_values", .list($0.map { .text($0) }))] } ?? [])
      + (dialect.comment.map { [("comment", .text(String($0)))] } ?? [])
      + [("skip_rows", .integer(dialect.skippedLines))]
  }

  private static func given(_ key: String, _ name: String?) -> Parameters { name.map { [(key, .text($0))] } ?? [] }

  private static func column(_ column: ColumnReference) -> ResolvedValue {
    switch column {
    case .name(let name): .text(name)
    case .index(let index): .integer(index)
    }
  }
}
