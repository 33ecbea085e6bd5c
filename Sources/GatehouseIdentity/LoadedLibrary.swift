internal import Glibc

/// A library that is loaded if it is on this machine, and stays loaded (dlopen(3)).
@safe struct LoadedLibrary: @unchecked Sendable {
  // SAFETY: a handle that is only read, and stays valid.
  private let handle: UnsafeMutableRawPointer

  /// Loads a library by its name; nil if there is none.
  init?(_ name: String) {
    guard let handle = unsafe dlopen(name, RTLD_NOW | RTLD_LOCAL) else { return nil }
    unsafe self.handle = handle
  }

  /// A function of it; nil if there is none of that name.
  ///
  /// The caller knows its type.
  @unsafe func function<Function>(_ name: String, as type: Function.Type) -> Function? {
    // SAFETY: a symbol of the library is a function of that type, by what the caller says.
    unsafe dlsym(handle, name).map { unsafe unsafeBitCast($0, to: type) }
  }
}
