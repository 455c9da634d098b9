import numpy as np

from utils.gradcheck import gradcheck_naive
from utils.utils import normalizeRows, softmax


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def naiveSoftmaxLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset):
    p = softmax(outsideVectors @ centerWordVec)
    loss = -np.log(p[outsideWordIdx])
    p[outsideWordIdx] -= 1
    return loss, p @ outsideVectors, np.outer(p, centerWordVec)


def getNegativeSamples(outsideWordIdx, dataset, K):
    found = []
    while len(found) < K:
        index = dataset.sampleTokenIdx()
        if index != outsideWordIdx:
            found.append(index)
    return found


def negSamplingLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset, K=10):
    samples = getNegativeSamples(outsideWordIdx, dataset, K)
    s = sigmoid(outsideVectors[outsideWordIdx] @ centerWordVec)
    loss = -np.log(s)
    grad = np.zeros_like(outsideVectors)
    grad[outsideWordIdx] = (s - 1) * centerWordVec
    gradCenter = (s - 1) * outsideVectors[outsideWordIdx]
    for k in samples:
        t = sigmoid(-outsideVectors[k] @ centerWordVec)
        loss -= np.log(t)
        grad[k] += (1 - t) * centerWordVec
        gradCenter = gradCenter + (1 - t) * outsideVectors[k]
    return loss, gradCenter, grad


def skipgram(currentCenterWord, windowSize, outsideWords, word2Ind, centerWordVectors, outsideVectors,
             dataset, word2vecLossAndGradient=naiveSoftmaxLossAndGradient):
    loss = 0.0
    gradCenter = np.zeros(centerWordVectors.shape)
    gradOutside = np.zeros(outsideVectors.shape)
    c = word2Ind[currentCenterWord]
    for word in outsideWords:
        one, dv, dU = word2vecLossAndGradient(centerWordVectors[c], word2Ind[word], outsideVectors, dataset)
        loss += one
        gradCenter[c] += dv
        gradOutside += dU
    return loss, gradCenter, gradOutside


def cbow(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset,
         word2vecCostAndGradient=naiveSoftmaxLossAndGradient):
    gradIn = np.zeros(inputVectors.shape)
    context = [tokens[word] for word in contextWords]
    v = inputVectors[context].sum(axis=0)
    cost, dv, gradOut = word2vecCostAndGradient(v, tokens[currentWord], outputVectors, dataset)
    for k in context:
        gradIn[k] += dv
    return cost, gradIn, gradOut
