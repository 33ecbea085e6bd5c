// Changes of one value in the files of a policy. Each result is read again, and is nil unless the file
// says the same as before everywhere else.

extension PolicySnapshot {
  /// The files with an entry in the list at a path of keys; the list and what holds it are made if they
  /// are missing, in the file that has most of the path already.
  ///
  /// - Parameters:
  ///   - entry: The entry.
  ///   - path: The keys that lead to the list.
  ///   - file: The only file that may be changed; nil for any.
  /// - Returns: The files, and which of them was changed; nil if no text allows it.
  func adding(
    _ entry: TypedEntry, at path: [String], in file: String?
  ) -> (snapshot: PolicySnapshot, file: String)? {
    let candidates = policyFiles.filter { file == nil || $0.name == file }
    for depth in (0..<path.count).reversed() {
      for candidate in candidates where candidate.has(Array(path[..<depth])) {
        let changed = changing(candidate.name) { bytes in
          TextInsertion(file: candidate.name, bytes: bytes)?.adding(entry, at: path)
        } content: { content in
          content.change(at: path[...]) { list in
            if case .list(let items)? = list {
              .list([entry.content] + items)
            } else {
              .list([entry.content])
            }
          }
        }
        if let changed { return (changed, candidate.name) }
      }
    }
    return nil
  }

  /// The files without an item of the list at a path of keys, which has others; nil if the text does
  /// not allow it.
  func removing(item index: Int, at path: [String], in file: String) -> PolicySnapshot? {
    changing(file) { bytes in
      TextRemoval(file: file, bytes: bytes)?.removing(item: index, at: path)
    } content: { content in
      content.change(at: path[...]) { list in
        guard case .list(var items)? = list, items.indices.contains(index) else { return list }
        items.remove(at: index)
        return .list(items)
      }
    }
  }

  /// The files with another text as an item of the list at a path of keys; nil if the text of the file
  /// does not allow it.
  func replacing(
    item index: Int, at path: [String], in file: String, with entry: TypedEntry
  ) -> PolicySnapshot? {
    changing(file) { bytes in
      TextRemoval(file: file, bytes: bytes)?.replacing(item: index, at: path, with: entry)
    } content: { content in
      content.change(at: path[...]) { list in
        guard case .list(var items)? = list, items.indices.contains(index) else { return list }
        items[index] = entry.content
        return .list(items)
      }
    }
  }

  /// The files without what is at a path of keys, and without the maps above that have nothing else;
  /// nil if the text does not allow it.
  func removing(at path: [String], in file: String) -> PolicySnapshot? {
    changing(file) { bytes in
      TextRemoval(file: file, bytes: bytes)?.removing(at: path)
    } content: { content in
      content.change(at: path[...]) { _ in nil }
    }
  }

  /// Whether there is a map at a path of keys.
  func isMap(at path: [String], in file: String) -> Bool {
    guard case .bytes(let bytes)? = policyFiles.first(where: { $0.name == file })?.content else {
      return false
    }
    return Document(file: file, bytes: bytes).root?.value(at: path)?.isMapping ?? false
  }

  /// The files with a change of one; nil if it cannot be made, or the file would not say what it should.
  private func changing(
    _ file: String, text: ([UInt8]) -> [UInt8]?, content: (inout FileContent) -> Void
  ) -> PolicySnapshot? {
    guard case .bytes(let bytes)? = policyFiles.first(where: { $0.name == file })?.content,
      var expected = FileContent(file: file, bytes: bytes), let changed = text(bytes)
    else { return nil }
    content(&expected)
    let mark = bytes.dropLast(withoutByteOrderMark(bytes).count)
    guard FileContent(file: file, bytes: changed) == expected else { return nil }
    return PolicySnapshot(
      policyFiles: policyFiles.map { other in
        other.name == file ? File(name: file, content: .bytes(mark + changed)) : other
      }, listFiles: listFiles)
  }
}

extension PolicySnapshot.File {
  /// Whether there is something at a path of keys.
  fileprivate func has(_ path: [String]) -> Bool {
    guard case .bytes(let bytes) = content else { return false }
    return Document(file: name, bytes: bytes).root?.value(at: path) != nil
  }
}
