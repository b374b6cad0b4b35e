import LockstepFormats

/// Which pictures a folder holds, in the order of their names' bytes: those of a class, which is a subfolder, after
/// those of the class before. Nothing of a picture itself is kept, and names stand one behind the other in one block:
/// a hundred thousand of them take a few megabytes.
package final class PictureFolder: Sendable {
  let path: String
  /// The subfolders, in order; empty where nobody asks for classes.
  let classes: [String]
  /// By class the number of its first picture, and behind them that of all pictures.
  private let starts: [Int]
  /// Paths within the folder, each up to its end.
  private let names: [UInt8]
  private let ends: [Int]
  /// Files that are no pictures by their names: how many, and the first.
  let others: (count: Int, first: String?)

  /// Folders within folders; more are a loop of links.
  private static let mostLevels = 32

  /// Whether a file is a picture by its name.
  static func isPicture(_ name: String) -> Bool {
    let name = name.lowercased()
    return [".png", ".jpg", ".jpeg"].contains { name.hasSuffix($0) }
  }

  /// - Parameters:
  ///   - path: of a folder; without classes it may be a picture itself.
  ///   - hasClasses: whether its subfolders are classes; else any picture in it, however deep, is one of its pictures.
  init(_ path: String, hasClasses: Bool) throws(DataFileError) {
    self.path = path
    var list = List(path)
    if !hasClasses, try DataFileError.item(at: path) == .file {
      list.add("")
      (classes, starts) = ([], [])
    } else if hasClasses {
      (classes, starts) = try list.addClasses()
    } else {
      try list.addPictures(in: "", level: 0)
      (classes, starts) = ([], [])
    }
    (names, ends, others) = (list.names, list.ends, (list.others, list.firstOther))
    guard !ends.isEmpty else {
      throw DataFileError(
        path, found: "no picture", expected: "files that end in .png, .jpg or .jpeg",
        hint: others.first.map { "what is there, such as \(Display.quoted($0)), ends otherwise" })
    }
  }

  /// The folders in a folder, in the order of their names' bytes.
  static func subfolders(of path: String) throws(DataFileError) -> [String] {
    var folders: [String] = []
    for name in try List(path).entries(of: "") where try DataFileError.item(at: "\(path)/\(name)") == .folder {
      folders.append(name)
    }
    return folders
  }

  /// Whether there are pictures in a folder, or in the folders in it.
  static func holdsPictures(_ path: String) throws(DataFileError) -> Bool {
    for folder in try [path] + subfolders(of: path).map({ "\(path)/\($0)" }) {
      if try List(folder).entries(of: "").contains(where: isPicture) { return true }
    }
    return false
  }

  var count: Int { ends.count }
  var namesSize: Int { names.count }

  /// The path of picture `index` within the folder; empty where the folder is the picture.
  func name(of index: Int) -> String {
    String(decoding: names[(index == 0 ? 0 : ends[index - 1])..<ends[index]], as: UTF8.self)
  }

  /// The file of picture `index`.
  func file(of index: Int) -> String {
    let name = name(of: index)
    return name.isEmpty ? path : "\(path)/\(name)"
  }

  /// The pictures of class `number`.
  func pictures(ofClass number: Int) -> Range<Int> { starts[number]..<starts[number + 1] }

  /// Names while they are gathered.
  private struct List {
    let path: String
    var names: [UInt8] = []
    var ends: [Int] = []
    var others = 0
    var firstOther: String?

    init(_ path: String) { self.path = path }

    mutating func add(_ name: String) {
      names += Array(name.utf8)
      ends.append(names.count)
    }

    mutating func addClasses() throws(DataFileError) -> (classes: [String], starts: [Int]) {
      var (classes, starts): ([String], [Int]) = ([], [])
      var astray: String?
      for name in try entries(of: "") {
        if try DataFileError.item(at: "\(path)/\(name)") != .folder {
          if PictureFolder.isPicture(name) { astray = astray ?? name } else { pass(over: name) }
          continue
        }
        classes.append(name)
        starts.append(ends.count)
        try addPictures(in: name, level: 1)
        guard let start = starts.last, ends.count > start else {
          throw DataFileError(
            "\(path)/\(name)", found: "a subfolder without a picture", expected: "the pictures of a class",
            hint: "remove it, or give its name a dot in front")
        }
      }
      if let astray {
        throw DataFileError(
          "\(path)/\(astray)", found: "a picture beside the subfolders",
          expected: "every picture in a subfolder, whose name is its class")
      }
      return (classes, starts + [ends.count])
    }

    /// Adds the pictures in a folder and in those in it.
    mutating func addPictures(in folder: String, level: Int) throws(DataFileError) {
      guard level <= PictureFolder.mostLevels else {
        throw DataFileError(
          path, found: "more than \(PictureFolder.mostLevels) folders in each other, \(folder)", expected: "fewer",
          hint: "a link may lead back")
      }
      for entry in try entries(of: folder) {
        let name = folder.isEmpty ? entry : "\(folder)/\(entry)"
        if PictureFolder.isPicture(entry) {
          add(name)
        } else if try DataFileError.item(at: "\(path)/\(name)") == .folder {
          try addPictures(in: name, level: level + 1)
        } else {
          pass(over: name)
        }
      }
    }

    private mutating func pass(over name: String) {
      others += 1
      firstOther = firstOther ?? name
    }

    /// What is not hidden, by the bytes of its name.
    func entries(of folder: String) throws(DataFileError) -> [String] {
      let names: [String]
      do throws(FileError) { names = try Folder.names(in: folder.isEmpty ? path : "\(path)/\(folder)") } catch {
        throw DataFileError(path, found: "a folder that cannot be read: \(error.problem)", expected: "one of pictures")
      }
      return names.filter { !$0.hasPrefix(".") }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
  }
}

extension DataFileError {
  /// What stands at `path`.
  fileprivate static func item(at path: String) throws(DataFileError) -> Folder.Item {
    do throws(FileError) { return try Folder.item(at: path) } catch {
      throw DataFileError(path, found: "what cannot be looked at: \(error.problem)", expected: "a picture or a folder")
    }
  }
}
