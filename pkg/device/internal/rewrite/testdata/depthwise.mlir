module @depthwise {
  func.func @main(%arg0: tensor<1x9x9x3xf32>, %arg1: tensor<3x3x1x3xf32>) -> tensor<1x9x9x3xf32> {
    %0 = "stablehlo.convolution"(%arg0, %arg1) {
      batch_group_count = 1 : i64,
      dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>,
      feature_group_count = 3 : i64,
      lhs_dilation = array<i64: 1, 1>,
      padding = dense<[[1, 1], [1, 1]]> : tensor<2x2xi64>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>],
      rhs_dilation = array<i64: 1, 1>,
      window_reversal = array<i1: false, false>,
      window_strides = array<i64: 2, 2>
    } : (tensor<1x9x9x3xf32>, tensor<3x3x1x3xf32>) -> tensor<1x5x5x3xf32>
    %1 = "stablehlo.multiply"(%0, %0) : (tensor<1x5x5x3xf32>, tensor<1x5x5x3xf32>) -> tensor<1x5x5x3xf32>
    %3 = "stablehlo.constant"() { value = dense<0.0> : tensor<f32> } : () -> tensor<f32>
    %4 = "stablehlo.reduce"(%1, %3) ({
      ^reductionFn(%lhs: tensor<f32>, %rhs: tensor<f32>) :
          %2 = "stablehlo.add"(%lhs, %rhs) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%2) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 0, 1, 2, 3> } : (tensor<1x5x5x3xf32>, tensor<f32>) -> tensor<f32>
    %5 = "stablehlo.constant"() { value = dense<1.0> : tensor<f32> } : () -> tensor<f32>
    %6 = "stablehlo.reshape"(%5) : (tensor<f32>) -> tensor<1x1x1x1xf32>
    %7 = "stablehlo.broadcast_in_dim"(%6) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<1x1x1x1xf32>) -> tensor<1x5x5x3xf32>
    %8 = "stablehlo.multiply"(%7, %0) : (tensor<1x5x5x3xf32>, tensor<1x5x5x3xf32>) -> tensor<1x5x5x3xf32>
    %9 = "stablehlo.multiply"(%7, %0) : (tensor<1x5x5x3xf32>, tensor<1x5x5x3xf32>) -> tensor<1x5x5x3xf32>
    %10 = "stablehlo.add"(%8, %9) : (tensor<1x5x5x3xf32>, tensor<1x5x5x3xf32>) -> tensor<1x5x5x3xf32>
    %11 = "stablehlo.slice"(%10) {
      limit_indices = array<i64: 1, 5, 5, 1>,
      start_indices = array<i64: 0, 0, 0, 0>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<1x5x5x3xf32>) -> tensor<1x5x5x1xf32>
    %12 = "stablehlo.slice"(%10) {
      limit_indices = array<i64: 1, 5, 5, 2>,
      start_indices = array<i64: 0, 0, 0, 1>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<1x5x5x3xf32>) -> tensor<1x5x5x1xf32>
    %13 = "stablehlo.slice"(%10) {
      limit_indices = array<i64: 1, 5, 5, 3>,
      start_indices = array<i64: 0, 0, 0, 2>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<1x5x5x3xf32>) -> tensor<1x5x5x1xf32>
    %14 = "stablehlo.slice"(%arg0) {
      limit_indices = array<i64: 1, 9, 9, 1>,
      start_indices = array<i64: 0, 0, 0, 0>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<1x9x9x3xf32>) -> tensor<1x9x9x1xf32>
    %15 = "stablehlo.slice"(%arg0) {
      limit_indices = array<i64: 1, 9, 9, 2>,
      start_indices = array<i64: 0, 0, 0, 1>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<1x9x9x3xf32>) -> tensor<1x9x9x1xf32>
    %16 = "stablehlo.slice"(%arg0) {
      limit_indices = array<i64: 1, 9, 9, 3>,
      start_indices = array<i64: 0, 0, 0, 2>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<1x9x9x3xf32>) -> tensor<1x9x9x1xf32>
    %17 = "stablehlo.slice"(%arg1) {
      limit_indices = array<i64: 3, 3, 1, 1>,
      start_indices = array<i64: 0, 0, 0, 0>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<3x3x1x3xf32>) -> tensor<3x3x1x1xf32>
    %18 = "stablehlo.slice"(%arg1) {
      limit_indices = array<i64: 3, 3, 1, 2>,
      start_indices = array<i64: 0, 0, 0, 1>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<3x3x1x3xf32>) -> tensor<3x3x1x1xf32>
    %19 = "stablehlo.slice"(%arg1) {
      limit_indices = array<i64: 3, 3, 1, 3>,
      start_indices = array<i64: 0, 0, 0, 2>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<3x3x1x3xf32>) -> tensor<3x3x1x1xf32>
    %20 = "stablehlo.reverse"(%17) { dimensions = array<i64: 0, 1> } : (tensor<3x3x1x1xf32>) -> tensor<3x3x1x1xf32>
    %21 = "stablehlo.convolution"(%11, %20) {
      batch_group_count = 1 : i64,
      dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f]>,
      feature_group_count = 1 : i64,
      lhs_dilation = array<i64: 2, 2>,
      padding = dense<[[1, 1], [1, 1]]> : tensor<2x2xi64>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>],
      rhs_dilation = array<i64: 1, 1>,
      window_reversal = array<i1: false, false>,
      window_strides = array<i64: 1, 1>
    } : (tensor<1x5x5x1xf32>, tensor<3x3x1x1xf32>) -> tensor<1x9x9x1xf32>
    %22 = "stablehlo.reverse"(%18) { dimensions = array<i64: 0, 1> } : (tensor<3x3x1x1xf32>) -> tensor<3x3x1x1xf32>
    %23 = "stablehlo.convolution"(%12, %22) {
      batch_group_count = 1 : i64,
      dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f]>,
      feature_group_count = 1 : i64,
      lhs_dilation = array<i64: 2, 2>,
      padding = dense<[[1, 1], [1, 1]]> : tensor<2x2xi64>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>],
      rhs_dilation = array<i64: 1, 1>,
      window_reversal = array<i1: false, false>,
      window_strides = array<i64: 1, 1>
    } : (tensor<1x5x5x1xf32>, tensor<3x3x1x1xf32>) -> tensor<1x9x9x1xf32>
    %24 = "stablehlo.reverse"(%19) { dimensions = array<i64: 0, 1> } : (tensor<3x3x1x1xf32>) -> tensor<3x3x1x1xf32>
    %25 = "stablehlo.convolution"(%13, %24) {
      batch_group_count = 1 : i64,
      dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f]>,
      feature_group_count = 1 : i64,
      lhs_dilation = array<i64: 2, 2>,
      padding = dense<[[1, 1], [1, 1]]> : tensor<2x2xi64>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>],
      rhs_dilation = array<i64: 1, 1>,
      window_reversal = array<i1: false, false>,
      window_strides = array<i64: 1, 1>
    } : (tensor<1x5x5x1xf32>, tensor<3x3x1x1xf32>) -> tensor<1x9x9x1xf32>
    %26 = "stablehlo.concatenate"(%21, %23, %25) { dimension = 3 : i64 } : (tensor<1x9x9x1xf32>, tensor<1x9x9x1xf32>, tensor<1x9x9x1xf32>) -> tensor<1x9x9x3xf32>
    %27 = "stablehlo.convolution"(%14, %11) {
      batch_group_count = 1 : i64,
      dimension_numbers = #stablehlo.conv<[f, 0, 1, b]x[i, 0, 1, o]->[0, 1, b, f]>,
      feature_group_count = 1 : i64,
      lhs_dilation = array<i64: 1, 1>,
      padding = dense<[[1, 1], [1, 1]]> : tensor<2x2xi64>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>],
      rhs_dilation = array<i64: 2, 2>,
      window_reversal = array<i1: false, false>,
      window_strides = array<i64: 1, 1>
    } : (tensor<1x9x9x1xf32>, tensor<1x5x5x1xf32>) -> tensor<3x3x1x1xf32>
    %28 = "stablehlo.convolution"(%15, %12) {
      batch_group_count = 1 : i64,
      dimension_numbers = #stablehlo.conv<[f, 0, 1, b]x[i, 0, 1, o]->[0, 1, b, f]>,
      feature_group_count = 1 : i64,
      lhs_dilation = array<i64: 1, 1>,
      padding = dense<[[1, 1], [1, 1]]> : tensor<2x2xi64>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>],
      rhs_dilation = array<i64: 2, 2>,
      window_reversal = array<i1: false, false>,
      window_strides = array<i64: 1, 1>
    } : (tensor<1x9x9x1xf32>, tensor<1x5x5x1xf32>) -> tensor<3x3x1x1xf32>
    %29 = "stablehlo.convolution"(%16, %13) {
      batch_group_count = 1 : i64,
      dimension_numbers = #stablehlo.conv<[f, 0, 1, b]x[i, 0, 1, o]->[0, 1, b, f]>,
      feature_group_count = 1 : i64,
      lhs_dilation = array<i64: 1, 1>,
      padding = dense<[[1, 1], [1, 1]]> : tensor<2x2xi64>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>],
      rhs_dilation = array<i64: 2, 2>,
      window_reversal = array<i1: false, false>,
      window_strides = array<i64: 1, 1>
    } : (tensor<1x9x9x1xf32>, tensor<1x5x5x1xf32>) -> tensor<3x3x1x1xf32>
    %30 = "stablehlo.concatenate"(%27, %28, %29) { dimension = 3 : i64 } : (tensor<3x3x1x1xf32>, tensor<3x3x1x1xf32>, tensor<3x3x1x1xf32>) -> tensor<3x3x1x3xf32>
    "stablehlo.return"(%26) : (tensor<1x9x9x3xf32>) -> ()
  }
}
