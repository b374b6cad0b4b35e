import LockstepFormats
import LockstepResults
import LockstepRuns

// What else lies in the folder of a run.
extension RunHistory {
  /// Links to what else lies in the folder: a comparison, a diagnosis, an explanation.
  ///
  /// - Parameter page: this page's file, which needs no link; nothing is linked from another folder.
  func neighbours(of page: String?) -> HTML? {
    guard let page, Folder.isSame(Folder.parent(of: page), record.path),
      let names = try? Folder.names(in: record.path)
    else { return nil }
    let others = names.filter { $0.hasSuffix(".html") && $0 != Folder.lastName(of: page) }.sorted()
    if others.isEmpty { return nil }
    let links = others.map { name in
      HTML.element("a", [("href", Page.address(name))], text: Display.plain(name)).markup
    }
    return .element("p", [], [HTML(markup: "In the same folder: \(links.joined(separator: ", "))")])
  }
}
