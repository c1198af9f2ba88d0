// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package notebooks_test

var heatmapClaims = []claim{
	known("where", "it takes 92 seconds, measured on two cores", measured),
	known("where", "about 75 minutes to read", estimate),
	known("title", "three methods of the years after", "heatmap.Methods without Grad-CAM"),
	known("photos-text", "1,000 classes", fact),
	known("photos-text", "half a gigabyte", "553 MB"),
	shows("photos-text", "Four freely licensed photographs", "photos-show",
		func(o output) bool { return o.has("4 pictures") }),
	known("crops-text", "the left 60 % of a wide one, the upper 60 % of any other",
		"head.First, which its tests hold"),
	made("train-text", "a crop of 64 pixels", "crops: size = 64"),
	known("train-text", "2 x 2 places of 512 channels", "64 pixels, halved by five pools"),
	known("train-text", "makes four scores of it: about 2,000 numbers to learn, against the\n15 million of VGG16",
		"512*4 + 4, and 14,714,688"),
	known("accuracy-ask", "it learns from four photos", fact),
	known("accuracy-ask", "one crop of four rightly. How many of a hundred", question),
	shows("easy-text", "About six of seven crops from the unseen parts are named rightly.", "accuracy",
		func(o output) bool {
			return o.count("of 80 crops") == 1 && within(78, 92, o.numbers()[len(o.numbers())-1])
		}),
	known("easy-text", "a lot from four photos", fact),
	known("cut-text", "Cut the network in two", fact),
	known("cut-text", "two things from one layer", fact),
	known("cut-text", "in two pieces", fact),
	made("gradient-text", "with respect to the 512 maps", "gradient: [1, 14, 14, 512]"),
	shows("mean-text", "one map of 14 x 14 places", "signed", func(o output) bool { return o.has("14x14") }),
	known("relu-text", "more than 255", "the book's listing, and OpenCV's imwrite"),
	made("relu-text", "mixes the two instead, `heat * 0.4 + photo * 0.6`", "relu: 0, 1), 0.4)"),
	known("signed-answer", "one that tells these four apart", fact),
	shows("methods-ask", "In which row do the four agree?", "methods-show", func(o output) bool {
		return o.count("4 pictures, 160x240 pixels: gradcam; hirescam; layercam; gradcam++") == 2
	}),
	made("methods-ask", "with places of 4 pixels", `methods-show: "block3_conv3"`),
	known("field-text", "A heatmap of 14 x 22 places looks as if each saw its own 16 pixels.",
		"224 and 352 pixels, four pools"),
	known("field-answer", "196 pixels in each direction, nearly the photo's height", "the table of lesson 2"),
	made("game-text", "Put two photos side by side, ask for the class of one, and see in which half",
		"game: head.MustCollage("),
	made("game-text", "with a third seed", "game: crops(head.Second, 3,"),
	made("score-ask", "find all 40", "score: collages(40)"),
	shows("lost-text",
		"Every method beats chance, and none wins every time: about one in five points to the wrong half.",
		"score", func(o output) bool {
			shares := o.each([]string{"gradcam", "hirescam", "layercam", "gradcam++"})
			return within(70, 92.5, shares...)
		}),
	made("lost-text", "With 40 collages one more or less is 2.5 %", "score: collages(40)"),
	known("story-text", "Now all three at once: the four channels", "what explain.Tell draws"),
	known("top-text", "A thousand classes\n\nFour classes were ours. ImageNet has 1,000", fact),
	known("share-answer", "None.", "the numbers below the figures' channels"),
	shows("top-answer", "It names a kind of cat, and shares its probability with the other cats", "top-show",
		func(o output) bool { return o.has("\nEgyptian_cat | ", "\ntiger_cat | ", "\ntabby | ") }),
	shows("top-answer", "So 78 % is not doubt", "top-show",
		func(o output) bool { return within(77.5, 78.5, o.of("Egyptian_cat")) }),
	known("top-text", "two African elephants", "the book"),
	known("top-text", "one file of 553 MB", "the size of the file"),
	known("top-text", "1,000 classes in 19 MB", "the size of the package"),
	known("exercise-3-text", "at least 100 x 100 pixels", question),
	known("summary", "three views of one channel", fact),
}
