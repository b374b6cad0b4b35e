import LockstepFormats

/// The checkpoints of one run: a folder of files named after their steps, of which the newest few are kept.
package struct CheckpointStore: Sendable {
  /// A file of the store, by its name; it may be damaged.
  package struct Entry: Sendable, Equatable {
    package let step: Int
    package let path: String
  }

  /// A checkpoint that can be used, and what had to be skipped to find it.
  package struct Newest: Sendable {
    package let entry: Entry
    package let checkpoint: LoadedCheckpoint
    /// Why newer ones were not used, newest first.
    package let skipped: [CheckpointError]
  }

  /// What `save` did.
  package struct Saved: Sendable {
    package let receipt: CheckpointFile.Receipt
    /// Old checkpoints that should have been deleted and could not be; the new one is safe all the same.
    package let notDeleted: [FileError]
  }

  private static let prefix = "step-"
  private static let suffix = ".safetensors.zst"
  private static let digits = 8

  package let folder: String
  /// How many checkpoints stay, at least 1.
  package let keep: Int
  /// Level of compression.
  package let level: Int

  /// The store in `folder`, which need not be there yet.
  package init(folder: String, keep: Int, level: Int = CheckpointFile.defaultLevel) {
    precondition(keep >= 1, "a store that keeps \(keep) checkpoints")
    self.folder = folder
    self.keep = keep
    self.level = level
  }

  /// `step-00001000.safetensors.zst` for step 1000; names of more digits sort by number, not by letter.
  package static func fileName(step: Int) -> String {
    precondition(step >= 0)
    let number = String(step)
    return prefix + String(repeating: "0", count: max(0, digits - number.count)) + number + suffix
  }

  /// The step in a file name, or nil for any other file.
  package static func step(fileName: String) -> Int? {
    guard fileName.hasPrefix(prefix), fileName.hasSuffix(suffix),
      let step = Int(fileName.dropFirst(prefix.count).dropLast(suffix.count)), step >= 0,
      Self.fileName(step: step) == fileName
    else { return nil }
    return step
  }

  /// Makes the folder if need be, and removes what a killed run left half written. Only the process that writes here
  /// may call it.
  package func prepare() throws(FileError) {
    try Folder.create(folder)
    for name in try Folder.names(in: folder) {
      guard let target = TemporaryFile.target(temporary: name), Self.step(fileName: target) != nil else { continue }
      try Folder.removeFile("\(folder)/\(name)")
    }
  }

  /// Where the checkpoint of `step` stands, if there is one.
  package func path(step: Int) -> String { "\(folder)/\(Self.fileName(step: step))" }

  /// Deletes the checkpoints of steps after `step`, newest first: those of a run that was taken back to it.
  package func removeLater(than step: Int) throws(FileError) {
    for entry in try list().reversed() where entry.step > step { try Folder.removeFile(entry.path) }
  }

  /// Writes the checkpoint of `step`. Once it is safe, deletes the oldest ones beyond `keep`, except those that
  /// `retention` spares.
  ///
  /// Checkpoints of later steps, which a run leaves that went on from an earlier one than its last, are neither counted
  /// nor deleted.
  package func save(
    _ content: CheckpointContent, step: Int, sparing retention: Retention = Retention()
  ) throws(CheckpointError) -> Saved {
    var content = content
    content.metadata[CheckpointKey.step] = String(step)
    let receipt = try CheckpointFile.write(content, to: path(step: step), level: level)
    var notDeleted: [FileError] = []
    do throws(FileError) {
      for entry in try list().filter({ $0.step <= step }).dropLast(keep) where !retention.spares(entry.step) {
        do throws(FileError) { try Folder.removeFile(entry.path) } catch { notDeleted.append(error) }
      }
    } catch {
      notDeleted.append(error)
    }
    return Saved(receipt: receipt, notDeleted: notDeleted)
  }

  /// The files of the store, oldest first. A folder that is not there holds none.
  package func list() throws(FileError) -> [Entry] {
    let names: [String]
    do throws(FileError) {
      names = try Folder.names(in: folder)
    } catch {
      if error.isMissing { return [] }
      throw error
    }
    return names.compactMap { name in
      Self.step(fileName: name).map { Entry(step: $0, path: "\(folder)/\(name)") }
    }.sorted { $0.step < $1.step }
  }

  /// Reads the newest checkpoint that is whole. Damaged ones are skipped and reported.
  ///
  /// - Returns: nil if there is none at all.
  /// - Throws: `newerFormat` where that is reached first, since a newer Lockstep has gone on with this run;
  ///   `noneUsable` where all are damaged; `otherModel` where the tensors are not `expected`.
  package func newestValid(
    expecting expected: [TensorInfo]? = nil, checkingFinite: Bool = false
  ) throws(CheckpointError) -> Newest? {
    let entries: [Entry]
    do throws(FileError) { entries = try list() } catch { throw .file(error) }
    var skipped: [CheckpointError] = []
    for entry in entries.reversed() {
      do throws(CheckpointError) {
        let checkpoint = try CheckpointFile.read(entry.path, expecting: expected, checkingFinite: checkingFinite)
        if let step = checkpoint.step, step != entry.step {
          throw .damaged(
            path: entry.path, problem: "it was saved at step \(step) and is named after step \(entry.step)")
        }
        return Newest(entry: entry, checkpoint: checkpoint, skipped: skipped)
      } catch {
        switch error {
        case .newerFormat, .tooLarge: throw error
        case .otherModel:
          guard let damage = Self.damage(of: entry.path) else { throw error }
          skipped.append(damage)
        default: skipped.append(error)
        }
      }
    }
    if skipped.isEmpty { return nil }
    throw .noneUsable(folder: folder, reasons: skipped)
  }

  /// What is wrong with the frame of a file whose tensors are not those expected: what a damaged one says of itself is
  /// damage too, and that the checksum at the frame's end tells, though the seal agrees. A frame that holds far more
  /// than its size is not read for that.
  private static func damage(of path: String) -> CheckpointError? {
    do throws(CheckpointError) {
      try CheckpointError.wrapping(path) { () throws(ZstdError) in
        var file = try SealedZstdReader(path)
        if file.contentSize / 64 > file.fileSize { return }
        while file.position < file.contentSize { _ = try file.read(min(1 << 20, file.contentSize - file.position)) }
        try file.finish()
      }
    } catch { return error }
    return nil
  }
}

/// Which checkpoints stay besides the newest few that a store keeps.
package struct Retention: Sendable, Equatable {
  /// Steps of single checkpoints, such as the best evaluation's.
  package var steps: Set<Int>
  /// Checkpoints at the multiples of this stay for good; nil for none.
  package var every: Int?

  /// The checkpoints of `steps`, and of the multiples of `every`, which is at least 1.
  package init(steps: Set<Int> = [], every: Int? = nil) {
    precondition(every.map { $0 >= 1 } ?? true)
    self.steps = steps
    self.every = every
  }

  /// Whether the checkpoint of `step` is not to be deleted.
  package func spares(_ step: Int) -> Bool {
    steps.contains(step) || step > 0 && every.map { step % $0 == 0 } ?? false
  }
}
