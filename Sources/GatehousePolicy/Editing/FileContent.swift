/// What a policy file says, without its layout: an edit must not change it anywhere else.
indirect enum FileContent: Equatable {
  case text(String)
  case list([FileContent])
  case map([Name: FileContent])

  /// What a file says; nil if it cannot be read.
  init?(file: String, bytes: [UInt8]) {
    let document = Document(file: file, bytes: bytes)
    guard document.isComplete, document.diagnostics.isEmpty, let root = document.root else {
      return nil
    }
    self.init(root)
  }

  /// What a value says.
  init(_ node: Node) {
    switch node.kind {
    case .scalar(let scalar): self = .text(scalar.copy)
    case .sequence(let items): self = .list(items.map(FileContent.init))
    case .mapping(let pairs):
      var map: [Name: FileContent] = [:]
      for case (.scalar(let key), let value) in pairs.map({ ($0.key.kind, $0.value) }) {
        map[key.name] = FileContent(value)
      }
      self = .map(map)
    case .invalid: self = .list([])
    }
  }

  /// Changes what is at a path of keys; what becomes nil goes, with the maps above that have nothing
  /// else then.
  mutating func change(
    at path: ArraySlice<String>, _ change: (FileContent?) -> FileContent?
  ) {
    self = changed(self, path, change) ?? .map([:])
  }

  private func changed(
    _ content: FileContent?, _ path: ArraySlice<String>, _ change: (FileContent?) -> FileContent?
  ) -> FileContent? {
    guard let key = path.first.map({ Name($0) }) else { return change(content) }
    var map: [Name: FileContent] = [:]
    if case .map(let present)? = content { map = present }
    map[key] = changed(map[key], path.dropFirst(), change)
    return map.isEmpty ? nil : .map(map)
  }
}
