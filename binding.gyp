# Builds the addon that ships. The sources are listed in native/sources.txt, for this and for
# CMakeLists.txt, which builds the same for checks.
{
  'targets': [
    {
      'target_name': 'cura',
      'sources': ['<!@(cat native/sources.txt)'],
      'include_dirs': ['native', '<!(node -p "require(\'node-addon-api\').include_dir")'],
      'defines': [
        'NAPI_VERSION=9',
        'NAPI_DISABLE_CPP_EXCEPTIONS',
        '_FILE_OFFSET_BITS=64',
      ],
      'cflags': ['-fvisibility=hidden'],
      'cflags_cc': ['-std=c++20'],
      'conditions': [
        [
          'OS=="linux"',
          {
            'sources': [
              'native/platform/linux.cc',
              'native/platform/linux_metadata.cc',
              'native/platform/linux_filesystems.cc',
            ],
            'defines': ['_GNU_SOURCE'],
          },
        ],
        [
          'OS=="mac"',
          {
            'sources': [
              'native/platform/darwin.cc',
              'native/platform/darwin_metadata.cc',
            ],
            'xcode_settings': {
              'CLANG_CXX_LANGUAGE_STANDARD': 'c++20',
              'CLANG_CXX_LIBRARY': 'libc++',
              'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
              'MACOSX_DEPLOYMENT_TARGET': '11.0',
            },
          },
        ],
      ],
      'configurations': {
        'Release': {
          'cflags!': ['-O3'],
          'cflags': ['-O2'],
          'xcode_settings': {'GCC_OPTIMIZATION_LEVEL': '2'},
        },
      },
    },
  ],
}
