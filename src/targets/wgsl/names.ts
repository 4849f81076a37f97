/** What no declaration of a shader may be called: WGSL's keywords, its reserved words, and the built-ins that shaders here use. */

const keywords = `
  alias break case const const_assert continue continuing default diagnostic discard else enable false fn for if
  let loop override requires return struct switch true var while`;
const reserved = `
  NULL Self abstract active alignas alignof as asm asm_fragment async attribute auto await become cast catch class
  co_await co_return co_yield coherent column_major common compile compile_fragment concept const_cast consteval
  constexpr constinit crate debugger decltype delete demote demote_to_helper do dynamic_cast enum explicit export
  extends extern external fallthrough filter final finally friend from fxgroup get goto groupshared highp impl
  implements import inline instanceof interface layout lowp macro macro_rules match mediump meta mod module move mut
  mutable namespace new nil noexcept noinline nointerpolation non_coherent noncoherent noperspective null nullptr of
  operator package packoffset partial pass patch pixelfragment precise precision premerge priv protected pub public
  readonly ref regardless register reinterpret_cast require resource restrict self set shared sizeof smooth snorm
  static static_assert static_cast std subroutine super target template this thread_local throw trait try type
  typedef typeid typename typeof union unless unorm unsafe unsized use using varying virtual volatile wgsl where with
  writeonly yield`;
const builtIn = `
  bool f16 f32 i32 u32 vec2 vec3 vec4 mat2x2 mat4x4 array atomic ptr function private workgroup uniform storage read write
  read_write abs acos all any asin atan atan2 bitcast ceil clamp cos cosh cross dot exp exp2 floor fma fract log log2
  max min mix modf pow round saturate select sign sin sinh sqrt step tan tanh transpose trunc workgroupBarrier storageBarrier
  main`;

export const takenInShaders: ReadonlySet<string> = new Set(
  `${keywords} ${reserved} ${builtIn}`.trim().split(/\s+/),
);
