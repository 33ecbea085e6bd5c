import GatehousePolicy

/// A policy from a text, as the file `policy.yaml`.
func load(_ text: String, lists: [String: String] = [:]) -> PolicyLoad {
  load(files: ["policy.yaml": text], lists: lists)
}

/// A policy from texts by file name.
func load(files: [String: String], lists: [String: String] = [:]) -> PolicyLoad {
  Policy.load(
    PolicySnapshot(
      policyFiles: files.map { .init(name: $0.key, content: .bytes(Array($0.value.utf8))) },
      listFiles: lists.mapValues { .bytes(Array($0.utf8)) }))
}

/// The messages about a policy, one line each.
func messages(_ load: PolicyLoad) -> [String] {
  load.diagnostics.map(\.description)
}
