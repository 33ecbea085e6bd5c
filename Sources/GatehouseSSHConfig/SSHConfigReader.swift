/// Reads sshd_config as `servconf.c` of OpenSSH does.
struct SSHConfigReader<Source: SSHConfigSource> {
  let folder: String
  let source: Source
  private(set) var config = SSHConfig()
  /// The Match blocks around the line that is read, outermost first.
  private var blocks: [Int] = []
  private var depth = 0

  /// OpenSSH's own bound of Includes in Includes.
  private let deepest = 16
  /// Files that include each other several times would not end otherwise.
  private let mostLines = 1_000_000
  private var lineCount = 0

  init(folder: String, source: Source) {
    (self.folder, self.source) = (folder, source)
  }

  /// Reads the file that sshd is given.
  mutating func readFirst(_ path: String) {
    read(path, from: nil)
  }

  private mutating func read(_ path: String, from include: SSHConfig.Location?) {
    let file = config.files.firstIndex(of: path) ?? config.files.count
    if file == config.files.count { config.files.append(path) }
    let start = SSHConfig.Location(file: file, line: 1)
    guard depth <= deepest else {
      report(include ?? start, "files include each other more than \(deepest) deep")
      return
    }
    guard let content = source.content(of: path) else {
      report(include ?? start, "the file \(path) cannot be read")
      return
    }
    guard !content.contains(0) else {
      report(start, "it has a NUL byte")
      return
    }
    depth += 1
    // A Match block of an included file ends with it.
    let outer = blocks
    defer {
      depth -= 1
      blocks = outer
    }
    for (number, line) in content.split(separator: 0x0A, omittingEmptySubsequences: false)
      .enumerated()
    {
      let location = SSHConfig.Location(file: file, line: number + 1)
      lineCount += 1
      guard lineCount <= mostLines else {
        if lineCount == mostLines + 1 { report(location, "there are more than a million lines") }
        return
      }
      take(line, outer, at: location)
    }
  }

  private mutating func take(
    _ line: ArraySlice<UInt8>, _ outer: [Int], at location: SSHConfig.Location
  ) {
    var rest = line.drop { SSHWords.isSpace($0) }
    while let last = rest.last, SSHWords.isSpace(last) || last == SSHWords.formFeed {
      rest.removeLast()
    }
    guard let first = rest.first, first != SSHWords.hash else { return }
    guard let word = SSHWords.next(&rest), !word.isEmpty else {
      report(location, "a keyword is not in quotes")
      return
    }
    let keyword = String(decoding: word, as: UTF8.self).lowercased()
    guard let values = SSHWords.all(of: rest) else {
      report(location, "the quotes do not match")
      return
    }
    guard !rest.isEmpty else {
      report(location, "nothing follows \(keyword)")
      return
    }
    switch keyword {
    case "match": takeMatch(rest, values, outer, at: location)
    case "include":
      for value in values {
        let pattern = String(decoding: value, as: UTF8.self)
        let path = pattern.hasPrefix("/") ? pattern : "\(folder)/\(pattern)"
        for path in source.paths(matching: path) { read(path, from: location) }
      }
    default:
      config.lines.append(
        SSHConfig.Line(keyword: keyword, values: values, blocks: blocks, location: location))
    }
  }

  private mutating func takeMatch(
    _ text: ArraySlice<UInt8>, _ words: [[UInt8]], _ outer: [Int],
    at location: SSHConfig.Location
  ) {
    var criteria: [SSHConfig.Criterion] = []
    var rest = text
    // OpenSSH before 9.9 takes these as they are here, and later ones do not.
    if text.contains(where: { $0 == SSHWords.apostrophe || $0 == SSHWords.backslash }) {
      report(location, "' and \\ mean something else in each version of OpenSSH after Match")
    }
    var isAll = false
    while let word = SSHWords.next(&rest), !word.isEmpty {
      if word.first == SSHWords.hash {
        rest = []
        break
      }
      let name = String(decoding: word, as: UTF8.self).lowercased()
      if name == "all" {
        isAll = true
        continue
      }
      guard let patterns = SSHWords.next(&rest), let first = patterns.first, first != SSHWords.hash
      else {
        report(location, "nothing follows \(name)")
        break
      }
      criteria.append(SSHConfig.Criterion(name: name, patterns: Array(patterns)))
    }
    if isAll != criteria.isEmpty {
      report(location, isAll ? "all stands beside other criteria" : "Match has no criterion")
    }
    let block = SSHConfig.Block(
      criteria: criteria,
      text: words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " "),
      location: location)
    config.blocks.append(block)
    blocks = outer + [config.blocks.count - 1]
  }

  private mutating func report(_ location: SSHConfig.Location, _ text: String) {
    config.problems.append(SSHConfig.Problem(location: location, text: text))
  }
}

extension SSHConfig {
  /// A configuration without a line.
  init() {}
}
