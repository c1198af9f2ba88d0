module @Store_Exec_github_com_gomlx_gomlx_ml_model_convertExecFn______func38_1 {
  func.func @main(%arg0: tensor<1x32x32x3xf32>, %arg1: tensor<1xi32>, %arg2: tensor<1xf32>, %_block1_conv1_kernel: tensor<3x3x3x64xf32>, %_block1_conv1_bias: tensor<64xf32>, %_block1_conv2_kernel: tensor<3x3x64x64xf32>, %_block1_conv2_bias: tensor<64xf32>, %_block2_conv1_kernel: tensor<3x3x64x128xf32>, %_block2_conv1_bias: tensor<128xf32>) -> (tensor<1x32x32x3xf32>, tensor<1xf32>, tensor<1xf32>) {
    %0 = "stablehlo.convolution"(%arg0, %_block1_conv1_kernel) {
      batch_group_count = 1 : i64,
      dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>,
      feature_group_count = 1 : i64,
      lhs_dilation = array<i64: 1, 1>,
      padding = dense<[[1, 1], [1, 1]]> : tensor<2x2xi64>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>],
      rhs_dilation = array<i64: 1, 1>,
      window_reversal = array<i1: false, false>,
      window_strides = array<i64: 1, 1>
    } : (tensor<1x32x32x3xf32>, tensor<3x3x3x64xf32>) -> tensor<1x32x32x64xf32>
    %1 = "stablehlo.reshape"(%_block1_conv1_bias) : (tensor<64xf32>) -> tensor<1x1x1x64xf32>
    %2 = "stablehlo.broadcast_in_dim"(%1) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<1x1x1x64xf32>) -> tensor<1x32x32x64xf32>
    %3 = "stablehlo.add"(%0, %2) : (tensor<1x32x32x64xf32>, tensor<1x32x32x64xf32>) -> tensor<1x32x32x64xf32>
    %4 = "stablehlo.constant"() { value = dense<0.0> : tensor<f32> } : () -> tensor<f32>
    %5 = "stablehlo.broadcast_in_dim"(%4) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x32x32x64xf32>
    %6 = "stablehlo.maximum"(%3, %5) : (tensor<1x32x32x64xf32>, tensor<1x32x32x64xf32>) -> tensor<1x32x32x64xf32>
    %7 = "stablehlo.convolution"(%6, %_block1_conv2_kernel) {
      batch_group_count = 1 : i64,
      dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>,
      feature_group_count = 1 : i64,
      lhs_dilation = array<i64: 1, 1>,
      padding = dense<[[1, 1], [1, 1]]> : tensor<2x2xi64>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>],
      rhs_dilation = array<i64: 1, 1>,
      window_reversal = array<i1: false, false>,
      window_strides = array<i64: 1, 1>
    } : (tensor<1x32x32x64xf32>, tensor<3x3x64x64xf32>) -> tensor<1x32x32x64xf32>
    %8 = "stablehlo.reshape"(%_block1_conv2_bias) : (tensor<64xf32>) -> tensor<1x1x1x64xf32>
    %9 = "stablehlo.broadcast_in_dim"(%8) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<1x1x1x64xf32>) -> tensor<1x32x32x64xf32>
    %10 = "stablehlo.add"(%7, %9) : (tensor<1x32x32x64xf32>, tensor<1x32x32x64xf32>) -> tensor<1x32x32x64xf32>
    %11 = "stablehlo.broadcast_in_dim"(%4) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x32x32x64xf32>
    %12 = "stablehlo.maximum"(%10, %11) : (tensor<1x32x32x64xf32>, tensor<1x32x32x64xf32>) -> tensor<1x32x32x64xf32>
    %13 = "stablehlo.slice"(%12) {
      limit_indices = array<i64: 1, 32, 32, 64>,
      start_indices = array<i64: 0, 0, 0, 0>,
      strides = array<i64: 1, 2, 2, 1>
    } : (tensor<1x32x32x64xf32>) -> tensor<1x16x16x64xf32>
    %14 = "stablehlo.slice"(%12) {
      limit_indices = array<i64: 1, 32, 32, 64>,
      start_indices = array<i64: 0, 0, 1, 0>,
      strides = array<i64: 1, 2, 2, 1>
    } : (tensor<1x32x32x64xf32>) -> tensor<1x16x16x64xf32>
    %15 = "stablehlo.maximum"(%13, %14) : (tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %16 = "stablehlo.slice"(%12) {
      limit_indices = array<i64: 1, 32, 32, 64>,
      start_indices = array<i64: 0, 1, 0, 0>,
      strides = array<i64: 1, 2, 2, 1>
    } : (tensor<1x32x32x64xf32>) -> tensor<1x16x16x64xf32>
    %17 = "stablehlo.slice"(%12) {
      limit_indices = array<i64: 1, 32, 32, 64>,
      start_indices = array<i64: 0, 1, 1, 0>,
      strides = array<i64: 1, 2, 2, 1>
    } : (tensor<1x32x32x64xf32>) -> tensor<1x16x16x64xf32>
    %18 = "stablehlo.maximum"(%16, %17) : (tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %19 = "stablehlo.maximum"(%15, %18) : (tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %20 = "stablehlo.reshape"(%_block2_conv1_bias) : (tensor<128xf32>) -> tensor<1x1x1x128xf32>
    %21 = "stablehlo.reshape"(%arg1) : (tensor<1xi32>) -> tensor<1x1xi32>
    %22 = "stablehlo.gather"(%_block2_conv1_kernel, %21) {
      dimension_numbers = #stablehlo.gather<
  offset_dims = [1, 2, 3, 4],
  collapsed_slice_dims = [],
  operand_batching_dims = [],
  start_indices_batching_dims = [],
  start_index_map = [3],
  index_vector_dim = 1>,
      indices_are_sorted = false,
      slice_sizes = array<i64: 3, 3, 64, 1>
    } : (tensor<3x3x64x128xf32>, tensor<1x1xi32>) -> tensor<1x3x3x64x1xf32>
    %23 = "stablehlo.gather"(%20, %21) {
      dimension_numbers = #stablehlo.gather<
  offset_dims = [1, 2, 3, 4],
  collapsed_slice_dims = [],
  operand_batching_dims = [],
  start_indices_batching_dims = [],
  start_index_map = [3],
  index_vector_dim = 1>,
      indices_are_sorted = false,
      slice_sizes = array<i64: 1, 1, 1, 1>
    } : (tensor<1x1x1x128xf32>, tensor<1x1xi32>) -> tensor<1x1x1x1x1xf32>
    %24 = "stablehlo.reshape"(%22) : (tensor<1x3x3x64x1xf32>) -> tensor<1x9x64xf32>
    %25 = "stablehlo.reshape"(%23) : (tensor<1x1x1x1x1xf32>) -> tensor<1x1x1x1xf32>
    %26 = "stablehlo.dot_general"(%19, %24) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [0],
  rhs_batching_dimensions = [0],
  lhs_contracting_dimensions = [3],
  rhs_contracting_dimensions = [2]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<1x16x16x64xf32>, tensor<1x9x64xf32>) -> tensor<1x16x16x9xf32>
    %27 = "stablehlo.constant"() { value = dense<1.0> : tensor<f32> } : () -> tensor<f32>
    %28 = "stablehlo.broadcast_in_dim"(%27) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<9x9xf32>
    %29 = "stablehlo.iota"() { iota_dimension = 0 : i64 } : () -> tensor<9x9xi64>
    %30 = "stablehlo.iota"() { iota_dimension = 1 : i64 } : () -> tensor<9x9xi64>
    %31 = "stablehlo.compare"(%30, %29) {
      compare_type = #stablehlo<comparison_type SIGNED>,
      comparison_direction = #stablehlo<comparison_direction EQ>
    } : (tensor<9x9xi64>, tensor<9x9xi64>) -> tensor<9x9xi1>
    %32 = "stablehlo.broadcast_in_dim"(%4) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<9x9xf32>
    %33 = "stablehlo.select"(%31, %28, %32) : (tensor<9x9xi1>, tensor<9x9xf32>, tensor<9x9xf32>) -> tensor<9x9xf32>
    %34 = "stablehlo.reshape"(%33) : (tensor<9x9xf32>) -> tensor<3x3x9x1xf32>
    %35 = "stablehlo.convolution"(%26, %34) {
      batch_group_count = 1 : i64,
      dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>,
      feature_group_count = 1 : i64,
      lhs_dilation = array<i64: 1, 1>,
      padding = dense<[[1, 1], [1, 1]]> : tensor<2x2xi64>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>],
      rhs_dilation = array<i64: 1, 1>,
      window_reversal = array<i1: false, false>,
      window_strides = array<i64: 1, 1>
    } : (tensor<1x16x16x9xf32>, tensor<3x3x9x1xf32>) -> tensor<1x16x16x1xf32>
    %36 = "stablehlo.broadcast_in_dim"(%25) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<1x1x1x1xf32>) -> tensor<1x16x16x1xf32>
    %37 = "stablehlo.add"(%35, %36) : (tensor<1x16x16x1xf32>, tensor<1x16x16x1xf32>) -> tensor<1x16x16x1xf32>
    %38 = "stablehlo.broadcast_in_dim"(%4) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x16x16x1xf32>
    %39 = "stablehlo.maximum"(%37, %38) : (tensor<1x16x16x1xf32>, tensor<1x16x16x1xf32>) -> tensor<1x16x16x1xf32>
    %40 = "stablehlo.slice"(%39) {
      limit_indices = array<i64: 1, 16, 16, 1>,
      start_indices = array<i64: 0, 0, 0, 0>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<1x16x16x1xf32>) -> tensor<1x16x16x1xf32>
    %42 = "stablehlo.constant"() { value = dense<0.0> : tensor<f32> } : () -> tensor<f32>
    %43 = "stablehlo.reduce"(%40, %42) ({
      ^reductionFn(%lhs: tensor<f32>, %rhs: tensor<f32>) :
          %41 = "stablehlo.add"(%lhs, %rhs) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%41) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 1, 2, 3> } : (tensor<1x16x16x1xf32>, tensor<f32>) -> tensor<1xf32>
    %44 = "stablehlo.constant"() { value = dense<0.00390625> : tensor<f32> } : () -> tensor<f32>
    %45 = "stablehlo.broadcast_in_dim"(%44) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1xf32>
    %46 = "stablehlo.multiply"(%43, %45) : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xf32>
    %47 = "stablehlo.constant"() { value = dense<0.0> : tensor<f32> } : () -> tensor<f32>
    %48 = "stablehlo.reduce"(%46, %47) ({
      ^reductionFn(%lhs: tensor<f32>, %rhs: tensor<f32>) :
          %41 = "stablehlo.add"(%lhs, %rhs) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%41) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 0> } : (tensor<1xf32>, tensor<f32>) -> tensor<f32>
    %49 = "stablehlo.reshape"(%27) : (tensor<f32>) -> tensor<1xf32>
    %50 = "stablehlo.broadcast_in_dim"(%49) { broadcast_dimensions = array<i64: 0> } : (tensor<1xf32>) -> tensor<1xf32>
    %51 = "stablehlo.broadcast_in_dim"(%44) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1xf32>
    %52 = "stablehlo.multiply"(%50, %51) : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xf32>
    %53 = "stablehlo.multiply"(%50, %43) : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xf32>
    %54 = "stablehlo.constant"() { value = dense<0.0> : tensor<f32> } : () -> tensor<f32>
    %55 = "stablehlo.reduce"(%53, %54) ({
      ^reductionFn(%lhs: tensor<f32>, %rhs: tensor<f32>) :
          %41 = "stablehlo.add"(%lhs, %rhs) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%41) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 0> } : (tensor<1xf32>, tensor<f32>) -> tensor<f32>
    %56 = "stablehlo.reshape"(%52) : (tensor<1xf32>) -> tensor<1x1x1x1xf32>
    %57 = "stablehlo.broadcast_in_dim"(%56) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<1x1x1x1xf32>) -> tensor<1x16x16x1xf32>
    %58 = "stablehlo.pad"(%57, %4) {
      edge_padding_high = array<i64: 0, 0, 0, 0>,
      edge_padding_low = array<i64: 0, 0, 0, 0>,
      interior_padding = array<i64: 0, 0, 0, 0>
    } : (tensor<1x16x16x1xf32>, tensor<f32>) -> tensor<1x16x16x1xf32>
    %59 = "stablehlo.broadcast_in_dim"(%4) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x16x16x1xf32>
    %60 = "stablehlo.subtract"(%37, %59) : (tensor<1x16x16x1xf32>, tensor<1x16x16x1xf32>) -> tensor<1x16x16x1xf32>
    %61 = "stablehlo.sign"(%60) : (tensor<1x16x16x1xf32>) -> tensor<1x16x16x1xf32>
    %62 = "stablehlo.broadcast_in_dim"(%27) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x16x16x1xf32>
    %63 = "stablehlo.add"(%61, %62) : (tensor<1x16x16x1xf32>, tensor<1x16x16x1xf32>) -> tensor<1x16x16x1xf32>
    %64 = "stablehlo.sign"(%63) : (tensor<1x16x16x1xf32>) -> tensor<1x16x16x1xf32>
    %65 = "stablehlo.broadcast_in_dim"(%27) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x16x16x1xf32>
    %66 = "stablehlo.subtract"(%65, %64) : (tensor<1x16x16x1xf32>, tensor<1x16x16x1xf32>) -> tensor<1x16x16x1xf32>
    %67 = "stablehlo.multiply"(%58, %64) : (tensor<1x16x16x1xf32>, tensor<1x16x16x1xf32>) -> tensor<1x16x16x1xf32>
    %68 = "stablehlo.multiply"(%58, %66) : (tensor<1x16x16x1xf32>, tensor<1x16x16x1xf32>) -> tensor<1x16x16x1xf32>
    %69 = "stablehlo.constant"() { value = dense<0.0> : tensor<f32> } : () -> tensor<f32>
    %70 = "stablehlo.reduce"(%68, %69) ({
      ^reductionFn(%lhs: tensor<f32>, %rhs: tensor<f32>) :
          %41 = "stablehlo.add"(%lhs, %rhs) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%41) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 0, 1, 2, 3> } : (tensor<1x16x16x1xf32>, tensor<f32>) -> tensor<f32>
    %71 = "stablehlo.constant"() { value = dense<0.0> : tensor<f32> } : () -> tensor<f32>
    %72 = "stablehlo.reduce"(%67, %71) ({
      ^reductionFn(%lhs: tensor<f32>, %rhs: tensor<f32>) :
          %41 = "stablehlo.add"(%lhs, %rhs) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%41) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 1, 2> } : (tensor<1x16x16x1xf32>, tensor<f32>) -> tensor<1x1xf32>
    %73 = "stablehlo.reshape"(%72) : (tensor<1x1xf32>) -> tensor<1x1x1x1xf32>
    %74 = "stablehlo.reverse"(%34) { dimensions = array<i64: 0, 1> } : (tensor<3x3x9x1xf32>) -> tensor<3x3x9x1xf32>
    %75 = "stablehlo.convolution"(%67, %74) {
      batch_group_count = 1 : i64,
      dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f]>,
      feature_group_count = 1 : i64,
      lhs_dilation = array<i64: 1, 1>,
      padding = dense<[[1, 1], [1, 1]]> : tensor<2x2xi64>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>],
      rhs_dilation = array<i64: 1, 1>,
      window_reversal = array<i1: false, false>,
      window_strides = array<i64: 1, 1>
    } : (tensor<1x16x16x1xf32>, tensor<3x3x9x1xf32>) -> tensor<1x16x16x9xf32>
    %76 = "stablehlo.convolution"(%26, %67) {
      batch_group_count = 1 : i64,
      dimension_numbers = #stablehlo.conv<[f, 0, 1, b]x[i, 0, 1, o]->[0, 1, b, f]>,
      feature_group_count = 1 : i64,
      lhs_dilation = array<i64: 1, 1>,
      padding = dense<[[1, 1], [1, 1]]> : tensor<2x2xi64>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>],
      rhs_dilation = array<i64: 1, 1>,
      window_reversal = array<i1: false, false>,
      window_strides = array<i64: 1, 1>
    } : (tensor<1x16x16x9xf32>, tensor<1x16x16x1xf32>) -> tensor<3x3x9x1xf32>
    %77 = "stablehlo.dot_general"(%75, %24) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [0],
  rhs_batching_dimensions = [0],
  lhs_contracting_dimensions = [3],
  rhs_contracting_dimensions = [1]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<1x16x16x9xf32>, tensor<1x9x64xf32>) -> tensor<1x16x16x64xf32>
    %78 = "stablehlo.transpose"(%77) { permutation = array<i64: 0, 1, 2, 3> } : (tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %79 = "stablehlo.dot_general"(%75, %19) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [0],
  rhs_batching_dimensions = [0],
  lhs_contracting_dimensions = [1, 2],
  rhs_contracting_dimensions = [1, 2]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<1x16x16x9xf32>, tensor<1x16x16x64xf32>) -> tensor<1x9x64xf32>
    %80 = "stablehlo.transpose"(%79) { permutation = array<i64: 0, 1, 2> } : (tensor<1x9x64xf32>) -> tensor<1x9x64xf32>
    %81 = "stablehlo.subtract"(%15, %18) : (tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %82 = "stablehlo.sign"(%81) : (tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %83 = "stablehlo.broadcast_in_dim"(%27) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x16x16x64xf32>
    %84 = "stablehlo.add"(%82, %83) : (tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %85 = "stablehlo.sign"(%84) : (tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %86 = "stablehlo.broadcast_in_dim"(%27) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x16x16x64xf32>
    %87 = "stablehlo.subtract"(%86, %85) : (tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %88 = "stablehlo.multiply"(%78, %85) : (tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %89 = "stablehlo.multiply"(%78, %87) : (tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %90 = "stablehlo.subtract"(%16, %17) : (tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %91 = "stablehlo.sign"(%90) : (tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %92 = "stablehlo.broadcast_in_dim"(%27) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x16x16x64xf32>
    %93 = "stablehlo.add"(%91, %92) : (tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %94 = "stablehlo.sign"(%93) : (tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %95 = "stablehlo.broadcast_in_dim"(%27) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x16x16x64xf32>
    %96 = "stablehlo.subtract"(%95, %94) : (tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %97 = "stablehlo.multiply"(%89, %94) : (tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %98 = "stablehlo.multiply"(%89, %96) : (tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %99 = "stablehlo.pad"(%98, %4) {
      edge_padding_high = array<i64: 0, 0, 0, 0>,
      edge_padding_low = array<i64: 0, 1, 1, 0>,
      interior_padding = array<i64: 0, 1, 1, 0>
    } : (tensor<1x16x16x64xf32>, tensor<f32>) -> tensor<1x32x32x64xf32>
    %100 = "stablehlo.pad"(%97, %4) {
      edge_padding_high = array<i64: 0, 0, 1, 0>,
      edge_padding_low = array<i64: 0, 1, 0, 0>,
      interior_padding = array<i64: 0, 1, 1, 0>
    } : (tensor<1x16x16x64xf32>, tensor<f32>) -> tensor<1x32x32x64xf32>
    %101 = "stablehlo.add"(%99, %100) : (tensor<1x32x32x64xf32>, tensor<1x32x32x64xf32>) -> tensor<1x32x32x64xf32>
    %102 = "stablehlo.subtract"(%13, %14) : (tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %103 = "stablehlo.sign"(%102) : (tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %104 = "stablehlo.broadcast_in_dim"(%27) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x16x16x64xf32>
    %105 = "stablehlo.add"(%103, %104) : (tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %106 = "stablehlo.sign"(%105) : (tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %107 = "stablehlo.broadcast_in_dim"(%27) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x16x16x64xf32>
    %108 = "stablehlo.subtract"(%107, %106) : (tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %109 = "stablehlo.multiply"(%88, %106) : (tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %110 = "stablehlo.multiply"(%88, %108) : (tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
    %111 = "stablehlo.pad"(%110, %4) {
      edge_padding_high = array<i64: 0, 1, 0, 0>,
      edge_padding_low = array<i64: 0, 0, 1, 0>,
      interior_padding = array<i64: 0, 1, 1, 0>
    } : (tensor<1x16x16x64xf32>, tensor<f32>) -> tensor<1x32x32x64xf32>
    %112 = "stablehlo.add"(%101, %111) : (tensor<1x32x32x64xf32>, tensor<1x32x32x64xf32>) -> tensor<1x32x32x64xf32>
    %113 = "stablehlo.pad"(%109, %4) {
      edge_padding_high = array<i64: 0, 1, 1, 0>,
      edge_padding_low = array<i64: 0, 0, 0, 0>,
      interior_padding = array<i64: 0, 1, 1, 0>
    } : (tensor<1x16x16x64xf32>, tensor<f32>) -> tensor<1x32x32x64xf32>
    %114 = "stablehlo.add"(%112, %113) : (tensor<1x32x32x64xf32>, tensor<1x32x32x64xf32>) -> tensor<1x32x32x64xf32>
    %115 = "stablehlo.broadcast_in_dim"(%4) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x32x32x64xf32>
    %116 = "stablehlo.subtract"(%10, %115) : (tensor<1x32x32x64xf32>, tensor<1x32x32x64xf32>) -> tensor<1x32x32x64xf32>
    %117 = "stablehlo.sign"(%116) : (tensor<1x32x32x64xf32>) -> tensor<1x32x32x64xf32>
    %118 = "stablehlo.broadcast_in_dim"(%27) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x32x32x64xf32>
    %119 = "stablehlo.add"(%117, %118) : (tensor<1x32x32x64xf32>, tensor<1x32x32x64xf32>) -> tensor<1x32x32x64xf32>
    %120 = "stablehlo.sign"(%119) : (tensor<1x32x32x64xf32>) -> tensor<1x32x32x64xf32>
    %121 = "stablehlo.broadcast_in_dim"(%27) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x32x32x64xf32>
    %122 = "stablehlo.subtract"(%121, %120) : (tensor<1x32x32x64xf32>, tensor<1x32x32x64xf32>) -> tensor<1x32x32x64xf32>
    %123 = "stablehlo.multiply"(%114, %120) : (tensor<1x32x32x64xf32>, tensor<1x32x32x64xf32>) -> tensor<1x32x32x64xf32>
    %124 = "stablehlo.multiply"(%114, %122) : (tensor<1x32x32x64xf32>, tensor<1x32x32x64xf32>) -> tensor<1x32x32x64xf32>
    %125 = "stablehlo.constant"() { value = dense<0.0> : tensor<f32> } : () -> tensor<f32>
    %126 = "stablehlo.reduce"(%124, %125) ({
      ^reductionFn(%lhs: tensor<f32>, %rhs: tensor<f32>) :
          %41 = "stablehlo.add"(%lhs, %rhs) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%41) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 0, 1, 2, 3> } : (tensor<1x32x32x64xf32>, tensor<f32>) -> tensor<f32>
    %127 = "stablehlo.add"(%70, %126) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    %128 = "stablehlo.constant"() { value = dense<0.0> : tensor<f32> } : () -> tensor<f32>
    %129 = "stablehlo.reduce"(%123, %128) ({
      ^reductionFn(%lhs: tensor<f32>, %rhs: tensor<f32>) :
          %41 = "stablehlo.add"(%lhs, %rhs) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%41) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 1, 2> } : (tensor<1x32x32x64xf32>, tensor<f32>) -> tensor<1x64xf32>
    %130 = "stablehlo.reshape"(%129) : (tensor<1x64xf32>) -> tensor<1x1x1x64xf32>
    %131 = "stablehlo.reverse"(%_block1_conv2_kernel) { dimensions = array<i64: 0, 1> } : (tensor<3x3x64x64xf32>) -> tensor<3x3x64x64xf32>
    %132 = "stablehlo.convolution"(%123, %131) {
      batch_group_count = 1 : i64,
      dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f]>,
      feature_group_count = 1 : i64,
      lhs_dilation = array<i64: 1, 1>,
      padding = dense<[[1, 1], [1, 1]]> : tensor<2x2xi64>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>],
      rhs_dilation = array<i64: 1, 1>,
      window_reversal = array<i1: false, false>,
      window_strides = array<i64: 1, 1>
    } : (tensor<1x32x32x64xf32>, tensor<3x3x64x64xf32>) -> tensor<1x32x32x64xf32>
    %133 = "stablehlo.convolution"(%6, %123) {
      batch_group_count = 1 : i64,
      dimension_numbers = #stablehlo.conv<[f, 0, 1, b]x[i, 0, 1, o]->[0, 1, b, f]>,
      feature_group_count = 1 : i64,
      lhs_dilation = array<i64: 1, 1>,
      padding = dense<[[1, 1], [1, 1]]> : tensor<2x2xi64>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>],
      rhs_dilation = array<i64: 1, 1>,
      window_reversal = array<i1: false, false>,
      window_strides = array<i64: 1, 1>
    } : (tensor<1x32x32x64xf32>, tensor<1x32x32x64xf32>) -> tensor<3x3x64x64xf32>
    %134 = "stablehlo.broadcast_in_dim"(%4) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x32x32x64xf32>
    %135 = "stablehlo.subtract"(%3, %134) : (tensor<1x32x32x64xf32>, tensor<1x32x32x64xf32>) -> tensor<1x32x32x64xf32>
    %136 = "stablehlo.sign"(%135) : (tensor<1x32x32x64xf32>) -> tensor<1x32x32x64xf32>
    %137 = "stablehlo.broadcast_in_dim"(%27) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x32x32x64xf32>
    %138 = "stablehlo.add"(%136, %137) : (tensor<1x32x32x64xf32>, tensor<1x32x32x64xf32>) -> tensor<1x32x32x64xf32>
    %139 = "stablehlo.sign"(%138) : (tensor<1x32x32x64xf32>) -> tensor<1x32x32x64xf32>
    %140 = "stablehlo.broadcast_in_dim"(%27) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x32x32x64xf32>
    %141 = "stablehlo.subtract"(%140, %139) : (tensor<1x32x32x64xf32>, tensor<1x32x32x64xf32>) -> tensor<1x32x32x64xf32>
    %142 = "stablehlo.multiply"(%132, %139) : (tensor<1x32x32x64xf32>, tensor<1x32x32x64xf32>) -> tensor<1x32x32x64xf32>
    %143 = "stablehlo.multiply"(%132, %141) : (tensor<1x32x32x64xf32>, tensor<1x32x32x64xf32>) -> tensor<1x32x32x64xf32>
    %144 = "stablehlo.constant"() { value = dense<0.0> : tensor<f32> } : () -> tensor<f32>
    %145 = "stablehlo.reduce"(%143, %144) ({
      ^reductionFn(%lhs: tensor<f32>, %rhs: tensor<f32>) :
          %41 = "stablehlo.add"(%lhs, %rhs) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%41) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 0, 1, 2, 3> } : (tensor<1x32x32x64xf32>, tensor<f32>) -> tensor<f32>
    %146 = "stablehlo.add"(%127, %145) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    %147 = "stablehlo.constant"() { value = dense<0.0> : tensor<f32> } : () -> tensor<f32>
    %148 = "stablehlo.reduce"(%142, %147) ({
      ^reductionFn(%lhs: tensor<f32>, %rhs: tensor<f32>) :
          %41 = "stablehlo.add"(%lhs, %rhs) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%41) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 1, 2> } : (tensor<1x32x32x64xf32>, tensor<f32>) -> tensor<1x64xf32>
    %149 = "stablehlo.reshape"(%148) : (tensor<1x64xf32>) -> tensor<1x1x1x64xf32>
    %150 = "stablehlo.reverse"(%_block1_conv1_kernel) { dimensions = array<i64: 0, 1> } : (tensor<3x3x3x64xf32>) -> tensor<3x3x3x64xf32>
    %151 = "stablehlo.convolution"(%142, %150) {
      batch_group_count = 1 : i64,
      dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f]>,
      feature_group_count = 1 : i64,
      lhs_dilation = array<i64: 1, 1>,
      padding = dense<[[1, 1], [1, 1]]> : tensor<2x2xi64>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>],
      rhs_dilation = array<i64: 1, 1>,
      window_reversal = array<i1: false, false>,
      window_strides = array<i64: 1, 1>
    } : (tensor<1x32x32x64xf32>, tensor<3x3x3x64xf32>) -> tensor<1x32x32x3xf32>
    %152 = "stablehlo.convolution"(%arg0, %142) {
      batch_group_count = 1 : i64,
      dimension_numbers = #stablehlo.conv<[f, 0, 1, b]x[i, 0, 1, o]->[0, 1, b, f]>,
      feature_group_count = 1 : i64,
      lhs_dilation = array<i64: 1, 1>,
      padding = dense<[[1, 1], [1, 1]]> : tensor<2x2xi64>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>],
      rhs_dilation = array<i64: 1, 1>,
      window_reversal = array<i1: false, false>,
      window_strides = array<i64: 1, 1>
    } : (tensor<1x32x32x3xf32>, tensor<1x32x32x64xf32>) -> tensor<3x3x3x64xf32>
    %153 = "stablehlo.multiply"(%151, %151) : (tensor<1x32x32x3xf32>, tensor<1x32x32x3xf32>) -> tensor<1x32x32x3xf32>
    %154 = "stablehlo.constant"() { value = dense<0.0> : tensor<f32> } : () -> tensor<f32>
    %155 = "stablehlo.reduce"(%153, %154) ({
      ^reductionFn(%lhs: tensor<f32>, %rhs: tensor<f32>) :
          %41 = "stablehlo.add"(%lhs, %rhs) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%41) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 1, 2, 3> } : (tensor<1x32x32x3xf32>, tensor<f32>) -> tensor<1xf32>
    %156 = "stablehlo.constant"() { value = dense<0.00032552084303461015> : tensor<f32> } : () -> tensor<f32>
    %157 = "stablehlo.broadcast_in_dim"(%156) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1xf32>
    %158 = "stablehlo.multiply"(%155, %157) : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xf32>
    %159 = "stablehlo.sqrt"(%158) : (tensor<1xf32>) -> tensor<1xf32>
    %160 = "stablehlo.constant"() { value = dense<9.999999747378752e-06> : tensor<f32> } : () -> tensor<f32>
    %161 = "stablehlo.broadcast_in_dim"(%160) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1xf32>
    %162 = "stablehlo.add"(%159, %161) : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xf32>
    %163 = "stablehlo.reshape"(%162) : (tensor<1xf32>) -> tensor<1x1x1x1xf32>
    %164 = "stablehlo.broadcast_in_dim"(%163) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<1x1x1x1xf32>) -> tensor<1x32x32x3xf32>
    %165 = "stablehlo.divide"(%151, %164) : (tensor<1x32x32x3xf32>, tensor<1x32x32x3xf32>) -> tensor<1x32x32x3xf32>
    %166 = "stablehlo.reshape"(%arg2) : (tensor<1xf32>) -> tensor<1x1x1x1xf32>
    %167 = "stablehlo.broadcast_in_dim"(%166) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<1x1x1x1xf32>) -> tensor<1x32x32x3xf32>
    %168 = "stablehlo.multiply"(%165, %167) : (tensor<1x32x32x3xf32>, tensor<1x32x32x3xf32>) -> tensor<1x32x32x3xf32>
    %169 = "stablehlo.add"(%arg0, %168) : (tensor<1x32x32x3xf32>, tensor<1x32x32x3xf32>) -> tensor<1x32x32x3xf32>
    "stablehlo.return"(%169, %46, %159) : (tensor<1x32x32x3xf32>, tensor<1xf32>, tensor<1xf32>) -> ()
  }
}
