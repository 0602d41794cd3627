"""The loops that a reader finds in published code: one learner after the other, one step after the other."""

import numpy as np


def gradient_bandit(rng, means, step_size, steps, with_baseline):
    """One run of the gradient bandit of Sutton & Barto (2018), section 2.8; which steps took the best arm."""
    preferences, average = np.zeros(len(means)), 0.0
    best, optimal = np.argmax(means), np.zeros(steps, bool)
    for t in range(steps):
        exponentials = np.exp(preferences - preferences.max())
        probs = exponentials / exponentials.sum()
        action = rng.choice(len(means), p=probs)
        optimal[t] = action == best
        reward = rng.normal(means[action], 1.0)
        average += (reward - average) / (t + 1)
        one_hot = np.zeros(len(means))
        one_hot[action] = 1.0
        preferences += step_size * (reward - with_baseline * average) * (one_hot - probs)
    return optimal


def short_corridor(rng, step_size, episodes, limit=1000, start=0.05):
    """One run of REINFORCE on the corridor of Sutton & Barto (2018), example 13.1: the returns, in order.

    Features as there: (0, 1) for right and (1, 0) for left, in every state.
    """
    features = np.eye(2)[::-1]
    theta, returns = np.array([np.log((1 - start) / start), 0.0]), np.full(episodes, -float(limit))
    for episode in range(episodes):
        state, actions = 0, []
        while state < 3 and len(actions) < limit:
            exponentials = np.exp(features @ theta - (features @ theta).max())
            probs = exponentials / exponentials.sum()
            action = int(rng.random() >= probs[0])  # 0: right
            actions.append(action)
            forward = (action == 0) != (state == 1)  # the second state swaps the two
            state = max(state + (1 if forward else -1), 0)
        if state < 3:
            break  # lost: it will not arrive any more
        returns[episode] = -len(actions)
        for t, action in enumerate(actions):
            exponentials = np.exp(features @ theta - (features @ theta).max())
            probs = exponentials / exponentials.sum()
            score = features[action] - probs @ features
            theta = theta + step_size * (t - len(actions)) * score
    return returns
