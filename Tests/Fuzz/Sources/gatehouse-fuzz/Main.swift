import CLibFuzzer

/// Prints the targets, or fuzzes one.
///
///     gatehouse-fuzz --targets                          each with the length of its longest input
///     gatehouse-fuzz --target=NAME [OPTION…] [FOLDER…]  with libFuzzer's own options
@main
enum Main {
  /// The target that was named; libFuzzer ignores an option with two dashes, and hands it on to the
  /// processes that it starts.
  fileprivate static let chosen = FuzzTarget.all.first { target in
    CommandLine.arguments.contains("--target=\(target.name)")
  }

  static func main() {
    if CommandLine.arguments.contains("--targets") {
      for target in FuzzTarget.all { print(target.name, target.longest) }
      return
    }
    guard chosen != nil else { fatalError("name one of --targets: --target=NAME") }
    var count = CommandLine.argc
    var arguments = unsafe Optional(CommandLine.unsafeArgv)
    // SAFETY: the arguments live as long as the process.
    _ = unsafe LLVMFuzzerRunDriver(&count, &arguments, fuzzOneInput)
  }
}

/// The name is the one that libFuzzer's own main, which is linked too, would call.
@c(LLVMFuzzerTestOneInput)
func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  // SAFETY: libFuzzer gives as many bytes; they are copied, so that a read beyond them is seen.
  unsafe Main.chosen?.run(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}
