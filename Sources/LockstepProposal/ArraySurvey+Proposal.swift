import LockstepConfiguration
import LockstepData
import LockstepFormats

extension ArraySurvey {
  func proposal(_ path: String, task: Proposal.Task?, in folder: String) throws(DataFileError) -> Proposal {
    let isClass: Bool
    var notes: [String] = []
    switch task {
    case .classification?:
      guard classes != nil else {
        throw DataFileError(
          path, place: "target", found: targets > 1 ? "\(targets) targets" : "targets that are not a few whole numbers",
          expected: "one column of whole numbers, the classes", hint: "--task regression")
      }
      isClass = true
    case .regression?: isClass = false
    case nil:
      let values = classes?.keys.sorted() ?? []
      let isNumbered = (values.first.map { $0 == 0 || $0 == 1 } ?? false) && (values.last ?? 0) <= Double(values.count)
      isClass = values.count == 2 || isNumbered && values.count > 2 && values.count * 10 <= samples
      if targets == 1 {
        notes.append(
          isClass
            ? "the target is taken for \(values.count) classes; --task regression takes it for a number"
            : "the target is taken for a number\(classes == nil ? "" : "; --task classification takes its \(values.count) values for classes")"
        )
      }
    }
    if let counts = classes, counts.count == 1 {
      throw DataFileError(
        path, place: "target", found: "one value alone", expected: "a target with something to learn")
    }
    let data = DataShape(
      samples: samples, inputs: shape, answer: isClass ? .classes(classes?.count ?? 0) : .numbers(targets),
      hasValidation: validation != nil)
    let parts = YAMLParts(
      source: yaml(source, folder), validation: validation.map { yaml($0, folder) },
      options: hasGaps ? [("missing", "mean", "NaN takes the mean of its column")] : [],
      summary:
        "\(Format.count(samples)) \(shape.isImage ? shape.phrase : "samples of \(Format.count(features)) numbers")",
      file: Folder.lastName(of: path))
    return Proposal(
      columns: [], notes: notes, yaml: try Recipe(data).yaml(parts), name: RunConfiguration.name(ofFile: path))
  }

  private func yaml(_ source: FileSource, _ folder: String) -> String {
    func path(_ path: String) -> ResolvedValue { .text(Folder.relative(path, to: folder)) }
    let keys: [(key: String, value: ResolvedValue)]
    switch source {
    case .npy(let features, let targets, _): keys = [("features", path(features)), ("targets", path(targets ?? ""))]
    case .npz(let file, let features, let targets, _), .safetensors(let file, let features, let targets, _):
      keys = [("path", path(file)), ("features", .text(features)), ("targets", .text(targets ?? ""))]
    case .idx(let images, let labels): keys = [("images", path(images)), ("labels", path(labels ?? ""))]
    case .cifar(let files, let labels):
      keys = [("files", .list(files.map(path)))] + (labels == .fine ? [] : [("labels", .text(labels.rawValue))])
    case .pictures(let source): keys = [("path", path(source.path))]
    case .csv: preconditionFailure("a table is no array")
    }
    return ResolvedValue.mapping([(source.kind, .mapping(keys))]).flow
  }
}
