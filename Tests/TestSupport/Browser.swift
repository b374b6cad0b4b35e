import Foundation
import Testing

/// A headless Chromium that looks at pages: whether everything stands where it can be read, and nothing is fetched.
public enum Browser {
  /// The one named by `LOCKSTEP_CHROMIUM`, or the first on the PATH.
  private static let program: String? = {
    let environment = ProcessInfo.processInfo.environment
    if let named = environment["LOCKSTEP_CHROMIUM"] { return named }
    let folders = (environment["PATH"] ?? "").split(separator: ":")
    let names = ["chromium", "chromium-browser", "google-chrome"]
    return names.flatMap { name in folders.map { "\($0)/\(name)" } }.first {
      FileManager.default.isExecutableFile(atPath: $0)
    }
  }()

  public static let isThere = program != nil
  /// Why a test that needs it is skipped.
  public static let excuse: Comment =
    "found no chromium, chromium-browser or google-chrome; tools/setup --tests installs it on Debian, LOCKSTEP_CHROMIUM names another"

  public enum Scheme: String, Sendable, CaseIterable {
    case dark
    case light

    /// As Chromium's setting `preferredColorScheme` counts.
    fileprivate var number: Int { self == .dark ? 0 : 1 }
  }

  /// What a page of one width looked like.
  public struct View: Decodable, Sendable {
    public var name: String
    public var width: Int
    /// Pictures on the page.
    public var pictures: Int
    /// Lines and areas in them that have a size.
    public var shapes: Int
    /// Of the paper, as CSS writes it.
    public var background: String
    /// What is wrong, a sentence each.
    public var problems: [String]
  }

  /// Looks at every page in every width.
  ///
  /// - Returns: what each looked like, and what the browser has said on its console.
  public static func look(
    at pages: [(name: String, text: String)], widths: [Int], scheme: Scheme
  ) throws -> (views: [View], console: [String]) {
    let folder = NSTemporaryDirectory() + "lockstep-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let list = try JSONSerialization.data(withJSONObject: pages.map { ["name": $0.name, "text": $0.text] })
    let wrapper = """
      <!DOCTYPE html><html><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"></head><body><pre id="findings"></pre>
      <script>const widths = \(widths), pages = \(String(decoding: list, as: UTF8.self));\n\(script)</script></body></html>
      """
    try Data(wrapper.utf8).write(to: URL(filePath: "\(folder)/look.html"))
    let process = Process()
    let output = Pipe()
    process.executableURL = program.map { URL(filePath: $0) }
    process.arguments = [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-extensions", "--user-data-dir=\(folder)/profile",
      "--host-resolver-rules=MAP * ~NOTFOUND", "--blink-settings=preferredColorScheme=\(scheme.number)",
      "--window-size=1400,1000", "--virtual-time-budget=20000", "--enable-logging=stderr", "--dump-dom",
      "file://\(folder)/look.html",
    ]
    // A file: nobody has to empty it meanwhile.
    let log = "\(folder)/log"
    try Data().write(to: URL(filePath: log))
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: URL(filePath: log))
    try process.run()
    let page = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let said = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map(String.init)
    let found = page.split(separator: "<pre id=\"findings\">").last?.split(separator: "</pre>").first ?? ""
    let json = try #require(found.removingPercentEncoding, "\(said)")
    let views = try JSONDecoder().decode([View].self, from: Data(json.utf8))
    return (views, said.filter { $0.contains("CONSOLE") })
  }

  /// Runs beside the pages, which stand in frames that may neither fetch nor run anything: what they try is an error on
  /// the console. Pictures of pixels are inside the page.
  private static let script = #"""
    const rule = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; style-src \'unsafe-inline\'">';
    const views = [];
    function show() { document.getElementById('findings').textContent = encodeURIComponent(JSON.stringify(views)); }
    function inside(box, other, slack) {
      return box.x >= other.x - slack && box.y >= other.y - slack && box.x + box.width <= other.x + other.width + slack
        && box.y + box.height <= other.y + other.height + slack;
    }
    function words(element) { return (element.textContent || element.getAttribute('class') || element.tagName).slice(0, 40); }
    function lookAtPicture(svg, problems) {
      const place = (svg.closest('.plot') ?? svg).getBoundingClientRect(), title = svg.getAttribute('aria-label');
      let shapes = 0;
      for (const shape of svg.querySelectorAll('path, rect, circle, line')) {
        const box = shape.getBoundingClientRect();
        if (shape.getAttribute('d') === '') continue;
        if (!inside(box, place, 1)) problems.push(`${title}: a ${shape.tagName} of class ${shape.getAttribute('class')} stands out of the picture`);
        if (box.width > 0 || box.height > 0) shapes += 1;
      }
      const texts = [...svg.querySelectorAll('text')].filter(text => text.textContent.trim() !== '');
      const boxes = texts.map(text => text.getBoundingClientRect());
      const view = svg.ownerDocument.defaultView;
      for (const text of texts) {
        const scale = Math.hypot(text.getScreenCTM().a, text.getScreenCTM().b), size = parseFloat(view.getComputedStyle(text).fontSize) * scale;
        if (svg.closest('.plot') && Math.abs(size - 12) > 0.1) problems.push(`${title}: "${words(text)}" is ${size} pixels high, and 12 are the rest`);
      }
      texts.forEach((text, index) => {
        if (!inside(boxes[index], place, 0.5)) problems.push(`${title}: "${words(text)}" is cut off`);
        for (let other = 0; other < index; other++) {
          const [a, b] = [boxes[index], boxes[other]];
          const wide = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
          const tall = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
          // Lines of a font overlap a little without their letters doing so.
          if (wide > 0.5 && tall > 3) problems.push(`${title}: "${words(text)}" lies on "${words(texts[other])}"`);
        }
      });
      return shapes;
    }
    function look(frame, name, width) {
      const page = frame.contentDocument, problems = [];
      const limit = page.documentElement.clientWidth;
      for (const fold of page.querySelectorAll('details')) fold.open = true;
      if (page.documentElement.scrollWidth > limit) problems.push(`the page is ${page.documentElement.scrollWidth} wide, and ${limit} are there`);
      for (const element of page.body.querySelectorAll('*')) {
        if (element.closest('svg')) continue;
        const style = frame.contentWindow.getComputedStyle(element);
        const scrolls = style.overflowX === 'auto' || element.parentElement.closest('.scroll, pre');
        if (!scrolls && element.getBoundingClientRect().right > limit + 0.5) problems.push(`${element.tagName} "${words(element)}" ends beyond the page`);
        if (!scrolls && element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1) problems.push(`${element.tagName} "${words(element)}" is wider than its place`);
      }
      for (const summary of page.querySelectorAll('summary')) if (summary.getBoundingClientRect().right > limit + 0.5) problems.push(`"${words(summary)}" ends beyond the page`);
      // Sentences are read down the page, not across.
      if (limit <= 600) for (const table of page.querySelectorAll('table.stacked')) if (table.parentElement.scrollWidth > table.parentElement.clientWidth + 1) problems.push(`"${words(table)}" scrolls`);
      for (const image of page.images) if (image.naturalWidth === 0) problems.push(`${image.alt}: no picture`);
      const pictures = [...page.querySelectorAll('svg')].filter(svg => !svg.parentElement.closest('svg'));
      const shapes = pictures.reduce((sum, svg) => sum + lookAtPicture(svg, problems), 0);
      const fetched = frame.contentWindow.performance.getEntriesByType('resource').map(entry => entry.name);
      if (fetched.length > 0) problems.push(`fetched ${fetched}`);
      views.push({ name, width, pictures: pictures.length, shapes, background: frame.contentWindow.getComputedStyle(page.body).backgroundColor, problems });
      show();
    }
    for (const { name, text } of pages) {
      for (const width of widths) {
        const frame = document.createElement('iframe');
        frame.style = `width: ${width}px; height: 900px; border: 0; display: block`;
        frame.onload = () => look(frame, name, width);
        frame.srcdoc = text.replace('<head>', '<head>' + rule);
        document.body.append(frame);
      }
    }
    show();
    """#
}
